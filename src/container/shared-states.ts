import { inject, injectable } from 'inversify'
import type { SharedSeat } from '../isolate/place.ts'
import { Leases } from '../service/leases.ts'
import { SharedFull } from '../service/shared-errors.ts'
import { mostBytes, mostKeys } from '../service/shared-limits.ts'
import { type SharedRequest, yes } from '../service/shared-request.ts'
import type { SharedUse, SharedValues } from '../store/shared-values.ts'
import { NodeStore } from './node-store.ts'
import { Pace } from './pace.ts'

/** Of one running instance: reads of small values a second. A flood of them takes about 5 % of a processor from the node. */
const unitsPerSecond = 1000
/** Bytes, and keys of a list, that cost as much as one small request. */
const bytesPerUnit = 4096
const keysPerUnit = 20
const most: SharedUse = { keys: mostKeys, bytes: mostBytes }

/** What the places of each running instance share: values in the store, leases in memory. */
@injectable()
export class SharedStates {
  readonly #states = new Map<string, InstanceState>()

  constructor(@inject(NodeStore) private readonly store: NodeStore) {}

  join(garId: string): SharedSeat {
    const known = this.#states.get(garId)
    const state = known ?? new InstanceState(garId, this.store.shared)
    if (known === undefined) this.#states.set(garId, state)
    return state.join()
  }

  use(garId: string): SharedUse & { readonly leases: number } {
    return { ...this.store.shared.use(garId), leases: this.#states.get(garId)?.leases.size ?? 0 }
  }

  /** Removes what an instance shared that is no more, or is none yet. @throws {StoreFailed} */
  async forget(garId: string): Promise<void> {
    this.#states.delete(garId)
    await this.store.shared.forget(garId)
  }
}

class InstanceState {
  readonly leases = new Leases(() => performance.now())
  readonly #pace = new Pace(unitsPerSecond)

  constructor(
    private readonly garId: string,
    private readonly values: SharedValues,
  ) {}

  join(): SharedSeat {
    const holder = {}
    let hasLeft = false
    return {
      ask: async (request) => {
        const turn = this.#turnFor(request)
        if (turn !== undefined) await turn
        return hasLeft ? undefined : this.#answer(request, holder)
      },
      leave: () => {
        hasLeft = true
        this.leases.releaseAll(holder)
      },
    }
  }

  /** Who has a lease isn't to lose it by waiting. */
  #turnFor(request: SharedRequest): Promise<void> | undefined {
    if (request.do !== 'renew' && request.do !== 'release') return this.#pace.take(unitsOf(request))
    this.#pace.charge(1)
    return undefined
  }

  async #answer(request: SharedRequest, holder: object): Promise<string | undefined> {
    switch (request.do) {
      case 'get': {
        const text = this.values.get(this.garId, request.key, Date.now())
        this.#pace.charge((text?.length ?? 0) / bytesPerUnit)
        return text
      }
      case 'put':
        return this.#put(request)
      case 'delete':
        return (await this.values.remove(this.garId, request.key, Date.now())) ? yes : undefined
      case 'keys': {
        const keys = this.values.keys(this.garId, request.prefix, Date.now())
        this.#pace.charge(keys.length / keysPerUnit)
        return JSON.stringify(keys)
      }
      case 'lease':
        return this.leases.take(request.name, request.ttl, holder)?.toString()
      case 'renew':
        return this.leases.renew(request.lease, holder) ? yes : undefined
      case 'release':
        this.leases.release(request.lease, holder)
        return undefined
    }
  }

  async #put({
    key,
    text,
    ttl,
    expected,
  }: Extract<SharedRequest, { readonly do: 'put' }>): Promise<string | undefined> {
    const now = Date.now()
    const value = { text, ...(ttl === undefined ? {} : { until: now + ttl }) }
    const written = await this.values.put(this.garId, key, value, { expected, most, now })
    if (written === 'too many keys') throw new SharedFull('keys', most.keys)
    if (written === 'too many bytes') throw new SharedFull('bytes', most.bytes)
    return written === 'written' ? yes : undefined
  }
}

/** A write takes twice what a read does. */
function unitsOf(request: SharedRequest): number {
  if (request.do === 'put') return 2 + (request.text.length + (request.expected?.length ?? 0)) / bytesPerUnit
  return request.do === 'delete' ? 2 : 1
}
