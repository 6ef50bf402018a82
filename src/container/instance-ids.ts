import { randomUUID } from 'node:crypto'
import { inject, injectable } from 'inversify'
import { NodeStore } from './node-store.ts'

/** The UUIDs of running instances: one for each GAR ID, kept over versions, restarts and undeployment. */
@injectable()
export class InstanceIds {
  /** Of those that the store has no record of yet. */
  readonly #fresh = new Map<string, string>()

  constructor(@inject(NodeStore) private readonly store: NodeStore) {}

  of(garId: string): string {
    const known = this.store.instance(garId)?.id ?? this.#fresh.get(garId)
    if (known !== undefined) return known
    const made = randomUUID()
    this.#fresh.set(garId, made)
    return made
  }
}
