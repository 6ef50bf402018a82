import type { PlaceReply } from './place.ts'

type Done = (reply: PlaceReply) => void

/**
 * Calls that wait for their answers, by number.
 *
 * That one waits too long is noticed by rounds of its place: a call costs no timer, only its entry here. Numbers grow
 * and entries keep their order, so those that are overdue come first.
 */
export class OpenCalls {
  readonly #open = new Map<number, Done>()
  /** The last number of each of the last rounds, the oldest first. */
  readonly #rounds: number[] = []
  #lastId = 0

  /** The number that the next call will have. */
  next(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#open.has(this.#lastId))
    return this.#lastId
  }

  add(id: number, done: Done): void {
    this.#open.set(id, done)
  }

  take(id: number): Done | undefined {
    const done = this.#open.get(id)
    if (done !== undefined) this.#open.delete(id)
    return done
  }

  takeAll(): readonly Done[] {
    const all = [...this.#open.values()]
    this.#open.clear()
    return all
  }

  /** A round is over: takes the calls that have been open for `rounds` of them. */
  takeOverdue(rounds: number): readonly Done[] {
    this.#rounds.push(this.#lastId)
    if (this.#rounds.length <= rounds) return []
    const newest = this.#rounds.shift() as number
    const overdue: Done[] = []
    for (const [id, done] of this.#open) {
      // Numbers begin again after 2 ** 32: which is the older of two is told by the shorter way between them.
      if ((newest - id) >>> 0 >= 2 ** 31) break
      this.#open.delete(id)
      overdue.push(done)
    }
    return overdue
  }
}
