import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FromKeeper, ToKeeper } from './keeper-messages.ts'
import { emptyLarge, sweepLogs } from './log-files.ts'
import type { LogPolicy } from './log-policy.ts'
import { PipeStock } from './pipe-stock.ts'

export interface KeeperOptions {
  /** The compiled entry of the keeper's process. */
  readonly entry: string
  /** The folder of the logs. */
  readonly logs: string
  /** A folder for pipes that nothing else uses; emptied when the first one is made, and taken away at the end. */
  readonly pipes: string
  readonly policy: LogPolicy
  readonly problem: (message: string, facts: object) => void
}

interface Pipe {
  readonly path: string
  /** Held open for reading and writing: no writer meets a pipe without a reader, nothing in it is lost with a keeper. */
  readonly held: number
}

const hour = 60 * 60 * 1000
const again = 200
/** What a node that runs by itself prints: its standard output for as long as it lives, and also in its own log. */
const startLog = 'start.log'
const ownLogs: readonly string[] = ['node.log', startLog]
/** How long the keeper may take for what it is asked, ms. */
const patience = 2000
/** How long a keeper may take to write what is left, milliseconds. */
const lastWords = 10_000

/**
 * The logs of running instances, kept by a process of their own that reads what they print from pipes and writes it into
 * files that it rotates: nothing of it goes through this process, and nothing is lost when this one is killed.
 *
 * A keeper that ends is replaced; meanwhile the pipes hold what is printed, and who prints more waits.
 */
export class LogKeeper {
  readonly #pipes = new Map<string, Promise<Pipe>>()
  readonly #open = new Map<string, Pipe>()
  readonly #asked = new Map<number, () => void>()
  readonly #sweeping: NodeJS.Timeout
  #stock: Promise<PipeStock> | undefined
  /** What a keeper is told that isn't there yet. */
  #unsent: ToKeeper[] = []
  #child: ChildProcess | undefined
  #lastId = 0
  #closed = false

  constructor(private readonly options: KeeperOptions) {
    this.#sweeping = setInterval(() => void this.#sweep(), hour).unref()
    void this.#sweep()
  }

  /**
   * Writes into `log` that a start begins, and resolves with the path of the pipe to print into. The same log has the same
   * pipe each time.
   *
   * @throws when the system can't make a pipe there
   */
  async begin(log: string, mark: string): Promise<string> {
    let pipe = this.#pipes.get(log)
    if (pipe === undefined) {
      pipe = this.#make(log)
      this.#pipes.set(log, pipe)
      pipe.catch(() => this.#pipes.delete(log))
    }
    const { path } = await pipe
    // Nothing may be printed before it.
    await this.#answered((id) => ({ what: 'mark', log, id, text: mark }))
    return path
  }

  /** The process that keeps the logs; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when all that was printed so far is in the file. */
  async flush(log: string): Promise<void> {
    if (!this.#open.has(log) || this.#child === undefined) return
    await this.#answered((id) => ({ what: 'flush', log, id }))
  }

  /** Resolves when everything is written and the keeper has ended. No one may print any more. Safe twice. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeping)
    const child = this.#child
    child?.stdin?.end()
    for (const { held } of this.#open.values()) closeSync(held)
    this.#open.clear()
    if (child !== undefined) await endOf(child)
    this.#child = undefined
    await rm(this.options.pipes, { recursive: true, force: true }).catch(() => {})
  }

  async #make(log: string): Promise<Pipe> {
    this.#stock ??= this.#makeStock()
    const path = await (await this.#stock).take()
    const pipe = { path, held: openSync(path, constants.O_RDWR | constants.O_NONBLOCK) }
    this.#open.set(log, pipe)
    if (this.#child === undefined) this.#start()
    else this.#send({ what: 'open', log, pipe: path })
    return pipe
  }

  /** In a folder of a name of its own: the keeper of a node that was killed may still read what its instances have printed. */
  async #makeStock(): Promise<PipeStock> {
    const folder = join(this.options.pipes, randomUUID())
    await rm(this.options.pipes, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return new PipeStock(folder)
  }

  #start(): void {
    // A log that begins just when a keeper has ended starts the next one sooner.
    if (this.#closed || this.#child !== undefined) return
    const { entry, policy, problem } = this.options
    const child = spawn(process.execPath, ['--max-old-space-size=32', entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A Ctrl-C that is meant for the node doesn't reach it.
      detached: true,
      env: {},
      cwd: '/',
    })
    this.#child = child
    child.on('error', (error) => problem('the keeper of logs did not start', { reason: error.message }))
    child.once('close', (code, signal) => this.#ended(child, code, signal))
    // Without descriptors for them there are no pipes, and an error.
    if ((child.stdin as typeof child.stdin | undefined) === undefined) return
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#asked.get((JSON.parse(line) as FromKeeper).id)?.()
    })
    createInterface({ input: child.stderr }).on('line', (reason) => {
      problem('the keeper of logs has a problem', { reason: reason.slice(0, 1000) })
    })
    this.#send({ what: 'policy', policy })
    for (const [log, { path }] of this.#open) this.#send({ what: 'open', log, pipe: path })
    for (const message of this.#unsent.splice(0)) this.#send(message)
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#closed || child !== this.#child) return
    this.options.problem('the keeper of logs ended and is started again', { code, signal })
    this.#child = undefined
    setTimeout(() => this.#start(), again).unref()
  }

  /** Resolves when the keeper has done it, or took too long: what is logged holds up nobody. */
  async #answered(message: (id: number) => ToKeeper): Promise<void> {
    this.#lastId += 1
    const id = this.#lastId
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, patience)
      this.#asked.set(id, () => {
        clearTimeout(late)
        resolve()
      })
      this.#send(message(id))
    })
    this.#asked.delete(id)
  }

  #send(message: ToKeeper): void {
    if (this.#child === undefined) this.#unsent.push(message)
    else this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  async #sweep(): Promise<void> {
    const { logs, policy, problem } = this.options
    const open = (log: string): boolean => this.#open.has(log) || ownLogs.includes(basename(log))
    const swept = Promise.all([sweepLogs(logs, policy, Date.now(), open), emptyLarge(join(logs, startLog), policy)])
    await swept.catch((error: Error) => {
      problem('old logs could not be taken away', { reason: error.message })
    })
  }
}

/** Waits until it has ended, and ends it when that takes too long: whoever holds one of its pipes holds up nobody else. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const late = setTimeout(() => child.kill('SIGKILL'), lastWords)
  await new Promise((resolve) => child.once('exit', resolve))
  clearTimeout(late)
}
