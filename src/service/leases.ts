import { SharedFull } from './shared-errors.ts'
import { mostLeases } from './shared-limits.ts'

interface Held {
  readonly number: number
  readonly name: string
  readonly holder: object
  readonly ttl: number
  /** Milliseconds of the clock. */
  until: number
}

/** Who has which lease of one running instance. In memory: holders are processes, which end with their node. */
export class Leases {
  readonly #byName = new Map<string, Held>()
  readonly #byNumber = new Map<number, Held>()
  #last = 0

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number) {}

  /** How many are held. */
  get size(): number {
    this.#forgetEnded()
    return this.#byName.size
  }

  /**
   * The number of the lease; undefined when somebody has it.
   *
   * @throws {SharedFull}
   */
  take(name: string, ttl: number, holder: object): number | undefined {
    const found = this.#byName.get(name)
    if (found !== undefined && found.until > this.now()) return undefined
    if (found !== undefined) this.#forget(found)
    if (this.#byName.size >= mostLeases && this.size >= mostLeases) throw new SharedFull('leases', mostLeases)
    this.#last += 1
    const held = { number: this.#last, name, holder, ttl, until: this.now() + ttl }
    this.#byName.set(name, held)
    this.#byNumber.set(held.number, held)
    return held.number
  }

  /** Whether `holder` still has it; it does for the whole time again then. */
  renew(number: number, holder: object): boolean {
    const held = this.#byNumber.get(number)
    if (held === undefined || held.holder !== holder || held.until <= this.now()) return false
    held.until = this.now() + held.ttl
    return true
  }

  release(number: number, holder: object): void {
    const held = this.#byNumber.get(number)
    if (held?.holder === holder) this.#forget(held)
  }

  /** The holder has ended, and has nothing any more. */
  releaseAll(holder: object): void {
    for (const held of this.#byNumber.values()) if (held.holder === holder) this.#forget(held)
  }

  #forgetEnded(): void {
    for (const held of this.#byNumber.values()) if (held.until <= this.now()) this.#forget(held)
  }

  #forget({ name, number }: Held): void {
    this.#byName.delete(name)
    this.#byNumber.delete(number)
  }
}
