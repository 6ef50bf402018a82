import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ProcessId } from '../process-table.ts'

const AGAIN_AFTER = 1000

/**
 * A process that ends the services' processes when the node has gone without doing so itself.
 *
 * A service ends with its connection to the node, but not while its event loop is blocked. A thread in each service
 * would see to that too, at 10 MB for each; this is one process of 14 MB for all, which none of them can block or patch,
 * and it also finds what they have started.
 */
export class Guard {
  #process: ChildProcess | undefined
  readonly #guarded = new Map<number, ProcessId>()

  /** @param runtimeFile the compiled entry of the instance side; the guard's own lies beside it */
  constructor(private readonly runtimeFile: string) {}

  add(id: ProcessId): void {
    if (this.#guarded.has(id.pid)) return
    this.#guarded.set(id.pid, id)
    if (this.#process === undefined) this.#start()
    else this.#say(`${lineOf(id)}\n`)
  }

  remove(pid: number): void {
    if (this.#guarded.delete(pid)) this.#say(`-${pid}\n`)
  }

  #start(): void {
    const file = fileURLToPath(new URL('../guard/main.js', pathToFileURL(this.runtimeFile)))
    // With its arguments, as the node may be killed before it can say a word.
    const told = [...this.#guarded.values()].map(lineOf)
    // A session of its own: a Ctrl-C for the node doesn't end it. It has no business with anything but its pipe.
    const child = spawn(process.execPath, ['--max-old-space-size=32', file, ...told], {
      cwd: '/',
      env: {},
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    this.#process = child
    child.unref()
    const again = (): void => {
      if (this.#process !== child) return
      setTimeout(() => {
        this.#process = undefined
        if (this.#guarded.size > 0) this.#start()
      }, AGAIN_AFTER).unref()
    }
    child.once('error', again)
    child.once('exit', again)
    // Without descriptors for it there is no pipe, and an error.
    const pipe = child.stdin as Socket | undefined
    pipe?.unref()
    pipe?.on('error', () => {})
  }

  #say(line: string): void {
    const pipe = this.#process?.stdin
    if (pipe?.writable) pipe.write(line)
  }
}

const lineOf = ({ pid, startedAt }: ProcessId): string => `+${pid}${startedAt === undefined ? '' : ` ${startedAt}`}`
