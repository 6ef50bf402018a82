import { type ChildProcess, spawn } from 'node:child_process'
import { NodeClient } from '../../../src/cli/node-client.ts'
import { SocketLink } from '../../../src/cli/socket-link.ts'
import type { NodeView } from '../../../src/container/views.ts'
import { Home } from '../../../src/store/home.ts'
import { Descendants } from './descendants.ts'

/** A node that hasn't come up by then hangs, ms. */
const patience = 60_000

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  /** The failpoint that ended it, as it said. */
  readonly failpoint: string | undefined
  /** All that it said. */
  readonly stdout: string
  readonly stderr: string
}

/** None of them outlives the one who tests it. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The real program in a process of its own, on free ports, from its start to its end. */
export class NodeUnderTest {
  readonly home: Home
  readonly client: NodeClient
  readonly descendants: Descendants
  /** However it ends. */
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #startedAt = performance.now()
  #stdout = ''
  #isOver = false
  #view: NodeView | undefined

  constructor(program: string, root: string, environment: Readonly<Record<string, string>> = {}) {
    this.home = new Home(root)
    this.client = new NodeClient(new SocketLink(root))
    const args = ['start', '--home', root, '--port', '0', '--nosec', '--nosec-port', '0', '--json']
    this.#child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, HOME: '/nowhere', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(this.#child)
    this.descendants = new Descendants(this.pid, root)
    this.ended = this.#watch()
  }

  get pid(): number {
    return this.#child.pid as number
  }
  get isOver(): boolean {
    return this.#isOver
  }

  /** Where it serves plain HTTP. */
  get url(): string {
    return this.#view?.addresses.find((address) => address.startsWith('http:')) ?? ''
  }

  /** Resolves when everything that is deployed has settled, with the milliseconds since its start; or when it has ended. */
  async started(): Promise<{ readonly ms: number } | Ended> {
    const up = new Promise<{ readonly ms: number }>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the node hangs: ${this.#stdout}`)), patience)
      void this.ended.then(() => clearTimeout(late))
      this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#stdout += chunk
        // An error is printed there as well; the node ends after it.
        if (this.#view !== undefined || !this.#stdout.endsWith('}\n') || !this.#stdout.includes('"addresses"')) return
        clearTimeout(late)
        this.#view = JSON.parse(this.#stdout) as NodeView
        resolve({ ms: performance.now() - this.#startedAt })
      })
    })
    return Promise.race([up, this.ended])
  }

  kill(): void {
    this.descendants.look()
    this.#child.kill('SIGKILL')
  }

  /** As an operator does. */
  async stop(): Promise<Ended> {
    this.#child.kill('SIGTERM')
    return this.ended
  }

  #watch(): Promise<Ended> {
    let stderr = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    return new Promise((resolve) => {
      this.#child.once('exit', () => {
        this.#isOver = true
        running.delete(this.#child)
        this.descendants.stop()
      })
      this.#child.once('close', (code, signal) =>
        resolve({ code, signal, failpoint: /^failpoint (.*): kill$/m.exec(stderr)?.[1], stdout: this.#stdout, stderr }),
      )
    })
  }
}
