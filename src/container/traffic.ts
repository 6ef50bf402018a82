import type { Place } from '../isolate/place.ts'
import { CallFigures } from './call-figures.ts'
import { type Reply, refuse } from './reply.ts'

/** How much one running instance may have to do at a time. */
export interface TrafficLimits {
  /** Calls that were handed to it and aren't answered. */
  readonly calls: number
  /** Bytes of those calls' arguments, and of bodies that are being read for it. */
  readonly bytes: number
}

/**
 * What the node keeps of calls for all its instances together. When that is too much, an instance gets room only up to a
 * reserve of its own: those that fill the node are refused, and the others aren't.
 */
export class SharedBytes {
  #used = 0

  constructor(private readonly limit = Number.POSITIVE_INFINITY) {}

  /** Whether so many bytes more may be kept for an instance that has `own` already. */
  hasRoom(bytes: number, own: number): boolean {
    return this.#used + bytes <= this.limit || own + bytes <= reserve
  }

  add(bytes: number): void {
    this.#used += bytes
  }
}

/** Calls of an incarnation that fronts have: as many, so many bytes of them, and how many each place has by its socket. */
export interface CallsElsewhere {
  readonly inside: number
  readonly bytes: number
  readonly places: ReadonlyMap<string, number>
}

/** Bytes that every instance may have kept for it, however much the others have. */
const reserve = 1024 * 1024

const unlimited: TrafficLimits = { calls: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }

/** The same for every incarnation: it says when to come again and nothing else. */
export const overloaded = refuse('DHN_OVERLOADED', 'the service has as many calls as it may have', 1)

/**
 * The calls of one incarnation: whether they are let in, how many are inside, and how many bytes the node keeps for them.
 * The limits are each instance's own, so that one which doesn't answer fills neither the node nor its neighbours' room.
 *
 * The request path reads `refusal` and `place`, two plain fields that change when the incarnation changes its state.
 */
export class Traffic {
  /** Why calls are refused; undefined while they are let in. */
  refusal: Reply | undefined = refuse('DHN_NOT_READY_YET', 'the service is not ready yet', 1)
  /** Where calls go; there is one whenever `refusal` is undefined. */
  place: Pick<Place, 'call'> | undefined
  /** What fronts have of it, as they told last: it is answered there and counts here only for who looks. */
  elsewhere: CallsElsewhere = { inside: 0, bytes: 0, places: new Map() }
  #inside = 0
  #bytes = 0
  #idle: (() => void)[] = []

  constructor(
    private readonly limits = unlimited,
    /** What becomes of its calls; refusals for want of room are counted here, all else by the dispatcher. */
    readonly figures = new CallFigures(),
    private readonly shared = new SharedBytes(),
  ) {}

  get inside(): number {
    return this.#inside
  }

  /** What the node keeps of arguments and bodies for this incarnation. */
  get bytes(): number {
    return this.#bytes
  }

  /** The refusal of one call more, if it is one too many; `bytes` is its length as far as that is known. */
  overload(bytes: number): Reply | undefined {
    if (this.#inside < this.limits.calls && this.#hasRoom(bytes)) return undefined
    this.figures.refused('DHN_OVERLOADED')
    return overloaded
  }

  /** Counts bytes of a body that is being read; false, and nothing is counted, when there is no room for them. */
  hold(bytes: number): boolean {
    if (!this.#hasRoom(bytes)) {
      this.figures.refused('DHN_OVERLOADED')
      return false
    }
    this.#keep(bytes)
    return true
  }

  release(bytes: number): void {
    this.#keep(-bytes)
  }

  /** `bytes`: the length of the arguments, to be given to `leave` as well. */
  enter(bytes = 0): void {
    this.#inside += 1
    this.#keep(bytes)
  }

  leave(bytes = 0): void {
    this.#inside -= 1
    this.#keep(-bytes)
    if (this.#inside > 0 || this.#idle.length === 0) return
    const waiting = this.#idle
    this.#idle = []
    for (const resume of waiting) resume()
  }

  /** Waits for the calls inside to end, at most `deadline` milliseconds; resolves with how many were still inside then. */
  whenIdle(deadline: number): Promise<number> {
    if (this.#inside === 0) return Promise.resolve(0)
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer)
        this.#idle = this.#idle.filter((other) => other !== resume)
        resolve(this.#inside)
      }
      const timer = setTimeout(resume, deadline)
      this.#idle.push(resume)
    })
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.limits.bytes && this.shared.hasRoom(bytes, this.#bytes)
  }

  #keep(bytes: number): void {
    this.#bytes += bytes
    this.shared.add(bytes)
  }
}
