import { injectable } from 'inversify'
import type { Named } from './content.ts'
import type { LiveDeployment } from './dependencies.ts'

/** What an operation that hasn't ended uses, although the store doesn't name it yet or any more. */
export interface Hold extends Partial<Named> {
  /** What may become live by it: its names are taken for everyone else. */
  readonly coming?: LiveDeployment
}

/** The holds of all operations under way. */
@injectable()
export class Holds {
  readonly #holds = new Set<Hold>()

  /** Returns how to let go. */
  take(hold: Hold): () => void {
    this.#holds.add(hold)
    return () => this.#holds.delete(hold)
  }

  all(): readonly Hold[] {
    return [...this.#holds]
  }
}
