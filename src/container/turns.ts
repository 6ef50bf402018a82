import { injectable } from 'inversify'

/** The name for writing down what is live; no GAR ID is written so. */
export const committing = '*committing'

/**
 * Turns over names: who holds a name works alone on what it stands for. First come, first served: a later one never
 * passes an earlier one that wants a name of its own, so nobody waits for ever, and as all names are taken at once,
 * two that want several can't block each other.
 */
@injectable()
export class Turns {
  readonly #held = new Set<string>()
  #waiting: Waiter[] = []

  /** Resolves when all `names` are held, with how to give them back. */
  take(...names: readonly string[]): Promise<() => void> {
    return new Promise((resolve) => {
      const giveBack = (): void => {
        for (const name of names) this.#held.delete(name)
        this.#next()
      }
      this.#waiting.push({ names, begin: () => resolve(giveBack) })
      this.#next()
    })
  }

  async with<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const giveBack = await this.take(...names)
    try {
      return await work()
    } finally {
      giveBack()
    }
  }

  #next(): void {
    const wanted = new Set(this.#held)
    const still: Waiter[] = []
    for (const one of this.#waiting) {
      const free = one.names.every((name) => !wanted.has(name))
      for (const name of one.names) wanted.add(name)
      if (!free) {
        still.push(one)
        continue
      }
      for (const name of one.names) this.#held.add(name)
      one.begin()
    }
    this.#waiting = still
  }
}

interface Waiter {
  readonly names: readonly string[]
  readonly begin: () => void
}
