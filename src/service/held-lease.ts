import type { AskShared } from './shared-request.ts'
import type { Lease } from './shared-state.ts'

/** A lease that this process has: renewed three times in its time, lost when no renewal was confirmed in it. */
export class HeldLease implements Lease {
  readonly #lost = new AbortController()
  #renewal: NodeJS.Timeout | undefined
  #end: NodeJS.Timeout | undefined
  #released: Promise<unknown> | undefined

  /** @param asked when it was asked for, by `performance.now()`: the node counts from a later moment */
  constructor(
    readonly name: string,
    private readonly number: number,
    private readonly ttl: number,
    private readonly ask: AskShared,
    asked: number,
  ) {
    this.#confirmed(asked)
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async release(): Promise<void> {
    this.#stop()
    await this.#released
  }

  /** It is held from `asked` on. */
  #confirmed(asked: number): void {
    clearTimeout(this.#end)
    this.#end = setTimeout(() => this.#lose(), asked + this.ttl - performance.now()).unref()
    this.#renewal = setTimeout(() => void this.#renew(), this.ttl / 3).unref()
  }

  async #renew(): Promise<void> {
    const asked = performance.now()
    const isHeld = await this.ask({ do: 'renew', lease: this.number }).catch(() => undefined)
    if (this.#released !== undefined) return
    if (isHeld === undefined) this.#lose()
    else this.#confirmed(asked)
  }

  #lose(): void {
    if (this.#released !== undefined) return
    // A renewal that is on its way must not keep it for nobody.
    this.#stop()
    this.#lost.abort(new DOMException(`the lease ${this.name} is lost`, 'AbortError'))
  }

  #stop(): void {
    clearTimeout(this.#end)
    clearTimeout(this.#renewal)
    this.#released ??= this.ask({ do: 'release', lease: this.number }).catch(() => undefined)
  }
}
