/** Milliseconds: what waits is let through in batches, as waking up for each costs more than most of it. */
const batch = 20

/**
 * Lets work through at a steady pace: so many units a second, and as many at once as fit into one second after a pause.
 * What comes faster waits, in the order in which it came.
 */
export class Pace {
  /** When what was let through is worked off at the steady pace, milliseconds of the clock. */
  #paidUntil = Number.NEGATIVE_INFINITY
  #last: Promise<void> | undefined

  constructor(
    private readonly unitsPerSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Resolves when it is the turn of work of so many units. Undefined, and no promise is made, when that is now. */
  take(units: number): Promise<void> | undefined {
    if (this.#last === undefined && this.#wait() <= 0) {
      this.charge(units)
      return undefined
    }
    const turn = (this.#last ?? Promise.resolve()).then(async () => {
      for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await sleep(Math.max(wait, batch))
      this.charge(units)
      if (this.#last === turn) this.#last = undefined
    })
    this.#last = turn
    return turn
  }

  /** Counts work that nothing is let through for; what comes next waits longer. */
  charge(units: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, this.now() - 1000) + (units * 1000) / this.unitsPerSecond
  }

  #wait(): number {
    return this.#paidUntil - this.now()
  }
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
