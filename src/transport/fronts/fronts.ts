import type { Socket } from 'node:net'
import type { FrontView } from '../../container/views.ts'
import { FrontSlot, type FrontSlotOptions } from './front-slot.ts'
import type { Scheme } from './messages.ts'

/** Connections that wait for a front when there is none. */
const mostWaiting = 1000
const aSecond = 1000

export interface FrontsOptions extends FrontSlotOptions {
  readonly count: number
  /** After so many seconds without a word a front is ended. */
  readonly silence: number
}

/** The front processes of a node. One that ends is started again; until then the others take its part. */
export class Fronts {
  readonly #slots: readonly FrontSlot[]
  #waiting: { readonly scheme: Scheme; readonly socket: Socket }[] = []
  #looking: NodeJS.Timeout | undefined
  #stopping = false

  constructor(private readonly options: FrontsOptions) {
    const serves = (): void => {
      for (const { scheme, socket } of this.#waiting.splice(0)) this.take(scheme, socket)
    }
    this.#slots = Array.from({ length: options.count }, (_, name) => new FrontSlot(name, options, serves))
  }

  /** Starts all of them, or none. @throws {DhnError} why one couldn't be started */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map((slot) => slot.begin()))
    } catch (error) {
      await this.stop()
      throw error
    }
    for (const slot of this.#slots) slot.keep()
    this.#looking = setInterval(() => {
      for (const { process } of this.#slots) process?.look(this.options.silence)
    }, aSecond)
    this.#looking.unref()
  }

  /** Connections that are open, or on their way. */
  get load(): number {
    return this.#serving().reduce((sum, { load }) => sum + load, 0) + this.#waiting.length
  }

  connections(scheme: Scheme): number {
    return this.#slots.reduce((sum, { process }) => sum + (process?.connections[scheme] ?? 0), 0)
  }

  /** Bytes of long answers that wait to be read. */
  get unread(): number {
    return this.#slots.reduce((sum, { process }) => sum + (process?.unread ?? 0), 0)
  }

  /** As many as there are to be, each with how it is. */
  views(): readonly FrontView[] {
    return this.#slots.map((slot) => slot.view())
  }

  /** What rules are made of has changed. */
  refresh(): void {
    for (const { process } of this.#slots) process?.refresh()
  }

  /** Hands a connection to the front that has the fewest. */
  take(scheme: Scheme, socket: Socket): void {
    const front = fewest(this.#serving())
    if (front !== undefined) front.take(scheme, socket)
    else if (this.#waiting.length < mostWaiting && !this.#stopping) this.#waiting.push({ scheme, socket })
    else socket.destroy()
  }

  /** Lets the answers under way end, for at most `deadline` milliseconds; resolves with how many connections were cut. */
  async shut(deadline: number): Promise<number> {
    const serving = this.#serving()
    this.#end()
    const cut = await Promise.all(serving.map((front) => front.shut(deadline)))
    await this.stop()
    return cut.reduce((sum, one) => sum + one, 0)
  }

  /** Ends them at once. Safe twice. */
  async stop(): Promise<void> {
    this.#end()
    await Promise.all(this.#slots.map((slot) => slot.stop()))
  }

  #serving() {
    return this.#slots.flatMap(({ serving }) => serving ?? [])
  }

  #end(): void {
    this.#stopping = true
    clearInterval(this.#looking)
    for (const slot of this.#slots) slot.leave()
    for (const { socket } of this.#waiting.splice(0)) socket.destroy()
  }
}

/** The one with the fewest connections. */
export function fewest<T extends { readonly load: number }>(fronts: Iterable<T>): T | undefined {
  let best: T | undefined
  for (const front of fronts) if (best === undefined || front.load < best.load) best = front
  return best
}
