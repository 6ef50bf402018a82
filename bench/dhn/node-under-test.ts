import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NodeClient } from '../../src/cli/node-client.ts'
import { SocketLink } from '../../src/cli/socket-link.ts'
import type { DeploymentReport } from '../../src/container/views.ts'
import { processTree } from '../harness/processes.ts'
import { freePort, type RunningServer, startPinned } from '../harness/server.ts'
import { endProcesses, type Stops } from '../harness/stops.ts'
import { formEcho } from './form-echo.ts'

/** The built command, as `npm link` puts it on the path. */
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A node in a home of its own under the system's temporary folder, serving plain HTTP to this machine. */
export class NodeUnderTest {
  readonly home = mkdtempSync(join(tmpdir(), 'dhn-bench-'))
  readonly client = new NodeClient(new SocketLink(this.home))
  #child: ChildProcess | undefined
  #port = 0

  constructor(stops: Stops) {
    stops.add(async () => {
      await this.stop()
      rmSync(this.home, { recursive: true, force: true })
    })
  }

  /** The front: the process that serves; those of its instances are below it. */
  get pid(): number {
    return this.#child?.pid as number
  }

  /** Starts it on one processor, or a list of them, with `settings` such as `/DHN/Fronts=2`; resolves when it says that it runs. */
  async start(cpu: number | string, settings: readonly string[] = []): Promise<void> {
    this.#port = await freePort()
    const args = ['start', '--home', this.home, '--port', '0', '--nosec', '--nosec-port', String(this.#port)]
    args.push(...settings.flatMap((setting) => ['-o', setting]))
    const log = join(this.home, 'bench.log')
    const child = startPinned({ command: process.execPath, args: [program, ...args], log, cpu })
    this.#child = child
    const giveUp = Date.now() + 120_000
    while ((await this.#state()) !== 'running') {
      if (child.exitCode !== null || Date.now() > giveUp) throw new Error(`the node did not start; see ${log}`)
      await pause(20)
    }
  }

  async stop(): Promise<void> {
    if (this.#child?.pid !== undefined) await endProcesses(this.#child.pid, 30_000)
    this.#child = undefined
  }

  /** Deploys a GAR open to everyone and waits until its instance is ready. @throws {Error} it isn't */
  async deploy(file: string): Promise<DeploymentReport> {
    const source = { file, name: basename(file) }
    return this.#done((await this.client.deploy(source, { mode: 'open', lenient: false })).operation)
  }

  async undeploy(garId: string): Promise<DeploymentReport> {
    return this.#done((await this.client.undeploy(garId)).operation)
  }

  /** The service `Bench/<name>` as a server: its front, and all processes of all its instances. */
  server(label: string, name: string, size: number): RunningServer {
    return {
      name: label,
      request: formEcho(`http://127.0.0.1:${this.#port}/Bench/${name}`, size),
      pids: () => processTree(this.pid),
      stop: () => this.stop(),
    }
  }

  async #state(): Promise<string | undefined> {
    const view = await this.client.view(2000).catch(() => undefined)
    return view?.pid === this.pid ? view?.state : undefined
  }

  async #done(operation: string): Promise<DeploymentReport> {
    for await (const report of this.client.follow(operation, AbortSignal.timeout(300_000))) {
      if (report.status !== 'CLOSED') continue
      if (report.outcome === 'done') return report
      throw new Error(`${report.type} of ${report.garId} ended ${report.outcome}: ${report.cause?.message ?? ''}`)
    }
    throw new Error('the operation never closed')
  }
}
