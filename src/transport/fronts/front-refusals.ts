import { randomUUID } from 'node:crypto'
import type { RefusalNote, Refusals } from '../../container/refusals.ts'

/** Milliseconds in which refusals are gathered. */
const interval = 100
/** So many of them are told: the node remembers no more itself. */
const most = 1000

/** The refusals of a front, which the node keeps. */
export class FrontRefusals implements Refusals {
  #gathered: RefusalNote[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly tell: (refusals: readonly RefusalNote[]) => void) {}

  noted(refusal: RefusalNote): string {
    const id = refusal.id ?? randomUUID()
    this.#gathered.push({ ...refusal, id })
    // Moving what is left costs, so it is done for many at a time.
    if (this.#gathered.length >= 2 * most) this.#gathered.splice(0, most)
    this.#timer ??= setTimeout(() => this.flush(), interval)
    return id
  }

  /** Tells what was gathered. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#gathered.length > 0) this.tell(this.#gathered.slice(-most))
    this.#gathered = []
  }
}
