import type { Socket } from 'node:net'
import { FrontProcess, type FrontSurroundings } from './front-process.ts'
import type { FrontBeginning, Scheme } from './messages.ts'

/** Milliseconds from the end of a front to its next start; doubled with each end that follows soon. */
const firstDelay = 100
const longestDelay = 5000
/** A front that lived for so long, ms, ends by chance and not at once. */
const healthy = 60_000
/** Connections that wait for a front when there is none. */
const mostWaiting = 1000
const aSecond = 1000

/** What of fronts is in the metrics. */
export interface FrontFigures {
  readonly name: number
  readonly pid: number | undefined
  readonly connections: Readonly<Record<Scheme, number>>
  readonly unread: number
}

export interface FrontsOptions extends FrontSurroundings {
  readonly count: number
  readonly beginning: FrontBeginning
  /** After so many seconds without a word a front is ended. */
  readonly silence: number
}

/** The front processes of a node. One that ends is started again; until then the others take its part. */
export class Fronts {
  /** By name; those that can take connections. */
  readonly #serving = new Map<number, FrontProcess>()
  readonly #all = new Map<number, FrontProcess>()
  #waiting: { readonly scheme: Scheme; readonly socket: Socket }[] = []
  #looking: NodeJS.Timeout | undefined
  readonly #restarts = new Set<NodeJS.Timeout>()
  #stopping = false

  constructor(private readonly options: FrontsOptions) {}

  /** Starts all of them, or none. @throws {DhnError} why one couldn't be started */
  async start(): Promise<void> {
    const names = Array.from({ length: this.options.count }, (_, name) => name)
    try {
      await Promise.all(names.map((name) => this.#begin(name)))
    } catch (error) {
      await this.stop()
      throw error
    }
    for (const [name, front] of this.#all) this.#watch(name, front, firstDelay)
    this.#looking = setInterval(() => {
      for (const front of this.#all.values()) front.look(this.options.silence)
    }, aSecond)
    this.#looking.unref()
  }

  /** Connections that are open, or on their way. */
  get load(): number {
    return [...this.#serving.values()].reduce((sum, { load }) => sum + load, 0) + this.#waiting.length
  }

  figures(): readonly FrontFigures[] {
    return [...this.#all].map(([name, { pid, connections, unread }]) => ({ name, pid, connections, unread }))
  }

  /** What rules are made of has changed. */
  refresh(): void {
    for (const front of this.#all.values()) front.refresh()
  }

  /** Hands a connection to the front that has the fewest. */
  take(scheme: Scheme, socket: Socket): void {
    const front = fewest(this.#serving.values())
    if (front !== undefined) front.take(scheme, socket)
    else if (this.#waiting.length < mostWaiting && !this.#stopping) this.#waiting.push({ scheme, socket })
    else socket.destroy()
  }

  /** Lets the answers under way end, for at most `deadline` milliseconds; resolves with how many connections were cut. */
  async shut(deadline: number): Promise<number> {
    this.#end()
    const cut = await Promise.all([...this.#serving.values()].map((front) => front.shut(deadline)))
    await this.stop()
    return cut.reduce((sum, one) => sum + one, 0)
  }

  /** Ends them at once. Safe twice. */
  async stop(): Promise<void> {
    this.#end()
    await Promise.all(
      [...this.#all.values()].map(async (front) => {
        front.kill()
        await front.ended
      }),
    )
  }

  #end(): void {
    this.#stopping = true
    clearInterval(this.#looking)
    for (const timer of this.#restarts) clearTimeout(timer)
    for (const { socket } of this.#waiting.splice(0)) socket.destroy()
  }

  async #begin(name: number): Promise<FrontProcess> {
    const front = new FrontProcess(name, this.options)
    this.#all.set(name, front)
    await front.begin(this.options.beginning)
    this.#serving.set(name, front)
    for (const { scheme, socket } of this.#waiting.splice(0)) this.take(scheme, socket)
    return front
  }

  #watch(name: number, front: FrontProcess, delay: number): void {
    const began = Date.now()
    void front.ended.then((why) => {
      this.#serving.delete(name)
      if (this.#stopping) return
      this.options.log.error({ front: name, why }, 'a front process ended and is started again')
      this.#again(name, Date.now() - began > healthy ? firstDelay : delay)
    })
  }

  #again(name: number, delay: number): void {
    const next = Math.min(longestDelay, 2 * delay)
    const timer = setTimeout(async () => {
      this.#restarts.delete(timer)
      try {
        this.#watch(name, await this.#begin(name), next)
        this.options.log.info({ front: name, pid: this.#all.get(name)?.pid }, 'a front process serves again')
      } catch (error) {
        if (this.#stopping) return
        this.options.log.error({ front: name, err: error }, 'a front process could not be started')
        this.#again(name, next)
      }
    }, delay)
    this.#restarts.add(timer)
  }
}

/** The one with the fewest connections. */
export function fewest<T extends { readonly load: number }>(fronts: Iterable<T>): T | undefined {
  let best: T | undefined
  for (const front of fronts) if (best === undefined || front.load < best.load) best = front
  return best
}
