import { AskedSharedState } from './asked-shared-state.ts'
import { Leases } from './leases.ts'
import { type SharedRequest, yes } from './shared-request.ts'
import type { SharedState } from './shared-state.ts'

/** What is shared where there is no node: in memory, without the limits on keys and bytes. */
export class OfflineSharedState {
  readonly #values = new Map<string, { readonly text: string; readonly until: number }>()
  readonly #leases = new Leases(() => performance.now())

  /** As one more place sees it. */
  place(): SharedState {
    const holder = {}
    return new AskedSharedState(async (request) => this.#answer(request, holder))
  }

  #answer(request: SharedRequest, holder: object): string | undefined {
    switch (request.do) {
      case 'get':
        return this.#text(request.key)
      case 'put': {
        const { key, text, ttl = Number.POSITIVE_INFINITY, expected } = request
        if (expected !== undefined && (this.#text(key) ?? null) !== expected) return undefined
        this.#values.set(key, { text, until: performance.now() + ttl })
        return yes
      }
      case 'delete': {
        const wasThere = this.#text(request.key) !== undefined
        this.#values.delete(request.key)
        return wasThere ? yes : undefined
      }
      case 'keys':
        return JSON.stringify(
          [...this.#values.keys()]
            .filter((key) => key.startsWith(request.prefix) && this.#text(key) !== undefined)
            .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
        )
      case 'lease':
        return this.#leases.take(request.name, request.ttl, holder)?.toString()
      case 'renew':
        return this.#leases.renew(request.lease, holder) ? yes : undefined
      case 'release':
        this.#leases.release(request.lease, holder)
        return undefined
    }
  }

  #text(key: string): string | undefined {
    const found = this.#values.get(key)
    return found !== undefined && found.until > performance.now() ? found.text : undefined
  }
}
