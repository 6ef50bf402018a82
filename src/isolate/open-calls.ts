import type { PlaceReply } from './place.ts'

type Done = (reply: PlaceReply) => void

const slotsAtFirst = 64

/**
 * Calls that wait for their answers, by number: each in the slot that the lower bits of its number name.
 *
 * That one waits too long is noticed by rounds of its place: a call costs no timer, only its slot here. It is no `Map`, as
 * one that is filled and emptied all the time makes new tables all the time, and every old one refers to the next: once the
 * garbage collector has taken one of them for old, it keeps all that follow, with every call in them, and a call then costs
 * half as much again.
 */
export class OpenCalls {
  #done: (Done | undefined)[] = new Array(slotsAtFirst).fill(undefined)
  #ids = new Uint32Array(slotsAtFirst)
  #count = 0
  /** The last number of each of the last rounds, the oldest first. */
  readonly #rounds: number[] = []
  #lastId = 0

  /** The number that the next call will have: one that none has had for four thousand million calls. */
  next(): number {
    if (this.#count * 2 >= this.#done.length) this.#grow()
    const mask = this.#done.length - 1
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#done[this.#lastId & mask] !== undefined)
    return this.#lastId
  }

  /** `id`: as `next` has given it last. */
  add(id: number, done: Done): void {
    const slot = id & (this.#done.length - 1)
    this.#done[slot] = done
    this.#ids[slot] = id
    this.#count += 1
  }

  take(id: number): Done | undefined {
    const slot = id & (this.#done.length - 1)
    return this.#ids[slot] === id ? this.#takeFrom(slot) : undefined
  }

  takeAll(): readonly Done[] {
    return this.#takeWhere(() => true)
  }

  /** A round is over: takes the calls that have been open for `rounds` of them. */
  takeOverdue(rounds: number): readonly Done[] {
    this.#rounds.push(this.#lastId)
    if (this.#rounds.length <= rounds) return []
    const newest = this.#rounds.shift() as number
    // Numbers begin again after 2 ** 32: which is the older of two is told by the shorter way between them.
    return this.#takeWhere((id) => (newest - id) >>> 0 < 2 ** 31)
  }

  #takeWhere(isTaken: (id: number) => boolean): readonly Done[] {
    const taken: Done[] = []
    for (let slot = 0; slot < this.#done.length; slot += 1) {
      const done = isTaken(this.#ids[slot] as number) ? this.#takeFrom(slot) : undefined
      if (done !== undefined) taken.push(done)
    }
    return taken
  }

  #takeFrom(slot: number): Done | undefined {
    const done = this.#done[slot]
    if (done === undefined) return undefined
    this.#done[slot] = undefined
    this.#count -= 1
    return done
  }

  /** Numbers that have different slots have different ones among twice as many too. */
  #grow(): void {
    const [ids, done] = [this.#ids, this.#done]
    const size = done.length * 2
    this.#ids = new Uint32Array(size)
    this.#done = new Array(size).fill(undefined)
    done.forEach((one, slot) => {
      if (one === undefined) return
      const id = ids[slot] as number
      this.#done[id & (size - 1)] = one
      this.#ids[id & (size - 1)] = id
    })
  }
}
