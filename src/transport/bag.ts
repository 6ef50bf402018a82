/**
 * Things that come and go, in no order. It is no `Set`: one that is filled and emptied all the time leaves a trail of old
 * tables, each of which refers to the next, and what the garbage collector has taken for old keeps all that follow.
 */
export class Bag<Thing extends object> implements Iterable<Thing> {
  readonly #slots: (Thing | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#slots.length - this.#free.length
  }

  /** Returns what takes it out again. */
  add(thing: Thing): () => void {
    const slot = this.#free.pop() ?? this.#slots.length
    this.#slots[slot] = thing
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      this.#slots[slot] = undefined
      this.#free.push(slot)
    }
  }

  *[Symbol.iterator](): Generator<Thing> {
    for (const thing of this.#slots) if (thing !== undefined) yield thing
  }
}
