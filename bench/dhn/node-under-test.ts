import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NodeClient } from '../../src/cli/node-client.ts'
import { SocketLink } from '../../src/cli/socket-link.ts'
import type { DeploymentReport } from '../../src/container/views.ts'
import { processTree } from '../harness/processes.ts'
import { freePort, type Request, type RunningServer, startPinned } from '../harness/server.ts'
import { endProcesses, type Stops } from '../harness/stops.ts'
import { formEcho } from './form-echo.ts'

/** The built command, as `npm link` puts it on the path. */
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export type Caller = Pick<Request, 'tls' | 'fresh'>

/** A node in a home of its own under the system's temporary folder, serving HTTPS, and plain HTTP to this machine. */
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

  /** Makes its home before it starts, for what has to be there then. */
  initialize(): void {
    execFileSync(process.execPath, [program, 'init', '--home', this.home], { stdio: 'ignore' })
  }

  /** Says of an option of `etc/dhn.cfg`, by its last word, what it is from the next start on. The home is there. */
  set(option: string, value: string): void {
    const file = join(this.home, 'etc', 'dhn.cfg')
    const before = readFileSync(file, 'utf8')
    const after = before.replace(new RegExp(`^( *)#?${option} =.*$`, 'm'), `$1${option} = ${value}`)
    if (after === before) throw new Error(`${file} has no ${option}`)
    writeFileSync(file, after)
  }

  /** Starts it on one processor, or a list of them, with `settings` such as `/DHN/Fronts=2`; resolves when it says that it runs. */
  async start(cpu: number | string, settings: readonly string[] = []): Promise<void> {
    this.#port = await freePort()
    const args = ['start', '--home', this.home, '--port', '0', '--nosec', '--nosec-port', String(this.#port)]
    args.push(...settings.flatMap((setting) => ['-o', setting]))
    const log = join(this.home, 'bench.log')
    const child = startPinned({ command: process.execPath, args: [program, ...args], log, cpu })
    this.#child = child
    const begun = Date.now()
    while ((await this.#state()) !== 'running') {
      const waited = Date.now() - begun
      if (child.exitCode !== null || waited > 120_000) throw new Error(`the node did not start; see ${log}`)
      // Whoever asks often takes time from a start that takes long.
      await pause(20 + waited / 20)
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
    return this.#server(label, formEcho(`http://127.0.0.1:${this.#port}/Bench/${name}`, size))
  }

  /** The same over HTTPS, called by somebody. */
  async secureServer(label: string, name: string, size: number, caller: Caller): Promise<RunningServer> {
    const { addresses } = await this.client.view()
    const base = addresses.find((address) => address.startsWith('https:'))
    return this.#server(label, { ...formEcho(`${base}/Bench/${name}`, size), ...caller })
  }

  #server(name: string, request: Request): RunningServer {
    return { name, request, pids: () => processTree(this.pid), stop: () => this.stop() }
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
