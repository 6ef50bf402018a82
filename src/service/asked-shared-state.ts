import { canonicalJson } from './canonical-json.ts'
import { HeldLease } from './held-lease.ts'
import { SharedKeyInvalid, SharedTtlInvalid, SharedValueTooLarge } from './shared-errors.ts'
import { isKey, isPrefix, isTtl, longestValue, openRequests } from './shared-limits.ts'
import { type AskShared, type SharedRequest, yes } from './shared-request.ts'
import type { Lease, SharedOptions, SharedState } from './shared-state.ts'

const defaultLeaseTtl = 10_000

/** What is shared, as a place sees it that has to ask for it. */
export class AskedSharedState implements SharedState {
  #open = 0
  readonly #waiting: (() => void)[] = []

  constructor(private readonly ask: AskShared) {}

  async get<Value = unknown>(key: string): Promise<Value | undefined> {
    const text = await this.#inTurn({ do: 'get', key: checkedKey(key) })
    return text === undefined ? undefined : (JSON.parse(text) as Value)
  }

  async set(key: string, value: unknown, options: SharedOptions = {}): Promise<void> {
    await this.#put(key, value, options)
  }

  async replace(key: string, expected: unknown, value: unknown, options: SharedOptions = {}): Promise<boolean> {
    return this.#put(key, value, options, expected === undefined ? null : canonicalJson(expected))
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#inTurn({ do: 'delete', key: checkedKey(key) })) === yes
  }

  async keys(prefix = ''): Promise<string[]> {
    if (typeof prefix !== 'string' || !isPrefix(prefix)) throw new SharedKeyInvalid(beginningOf(prefix))
    return JSON.parse((await this.#inTurn({ do: 'keys', prefix })) ?? '[]') as string[]
  }

  async lease(name: string, { ttl = defaultLeaseTtl }: { readonly ttl?: number } = {}): Promise<Lease | undefined> {
    const request = { do: 'lease', name: checkedKey(name), ttl: checkedTtl(ttl, 'lease') } as const
    let asked = 0
    const number = await this.#inTurn(request, () => {
      asked = performance.now()
    })
    // Renewals don't wait behind other requests.
    return number === undefined ? undefined : new HeldLease(name, Number(number), ttl, this.ask, asked)
  }

  async #put(key: string, value: unknown, { ttl }: SharedOptions, expected?: string | null): Promise<boolean> {
    const request = {
      do: 'put',
      key: checkedKey(key),
      text: checkedText(value),
      ...(ttl === undefined ? {} : { ttl: checkedTtl(ttl, 'value') }),
      ...(expected === undefined ? {} : { expected }),
    } as const
    // What is larger is nowhere, and needn't travel.
    if (Buffer.byteLength(expected ?? '') > longestValue) return false
    return (await this.#inTurn(request)) === yes
  }

  /** Asks when fewer than `openRequests` are open, in the order of the calls. */
  async #inTurn(request: SharedRequest, begins: () => void = () => {}): Promise<string | undefined> {
    if (this.#open < openRequests) this.#open += 1
    else await new Promise<void>((turn) => this.#waiting.push(turn))
    try {
      begins()
      return await this.ask(request)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#open -= 1
      else next()
    }
  }
}

function checkedKey(key: unknown): string {
  if (typeof key !== 'string' || !isKey(key)) throw new SharedKeyInvalid(beginningOf(key))
  return key
}

const beginningOf = (key: unknown): string => String(key).slice(0, 80)

function checkedText(value: unknown): string {
  const text = canonicalJson(value)
  const bytes = Buffer.byteLength(text)
  if (bytes > longestValue) throw new SharedValueTooLarge(bytes)
  return text
}

function checkedTtl(ttl: number, of: 'value' | 'lease'): number {
  if (!isTtl(ttl, of)) throw new SharedTtlInvalid(ttl, of)
  return ttl
}
