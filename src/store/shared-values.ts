import type { Key } from 'lmdb'
import type { Database } from './database.ts'

/** What the instances of one GAR share, each value under its own key. */
export interface SharedValue {
  readonly text: string
  /** When it ends, milliseconds since 1970; absent: never. */
  readonly until?: number
}

/** How much of it there is; what has ended counts until the next change takes it away. */
export interface SharedUse {
  readonly keys: number
  /** Of keys and values. */
  readonly bytes: number
}

/** What became of a value: written, not written because another one was there, or for want of room. */
export type Written = 'written' | 'different' | 'too many keys' | 'too many bytes'

/** Greater than the rest of any key: longer than keys may be. */
const highest = '\u{10ffff}'.repeat(64)
const nothing: SharedUse = { keys: 0, bytes: 0 }

/**
 * The values that services share over their instances, by GAR ID: one record for each, one for their use, and one for each
 * end, in the order of ends. Each change is a transaction, which is on the disk when it has resolved.
 */
export class SharedValues {
  constructor(
    private readonly database: Database,
    /** One durable transaction. @throws {StoreFailed} */
    private readonly transaction: (work: () => void) => Promise<void>,
  ) {}

  get(garId: string, key: string, now: number): string | undefined {
    const found = this.#found(garId, key)
    return found !== undefined && lasts(found, now) ? found.text : undefined
  }

  /** Those that begin with `prefix`, by code point. */
  keys(garId: string, prefix: string, now: number): string[] {
    const ended = new Set(this.#ended(garId, now).map(([, , , key]) => key))
    return this.#keys(garId, prefix).filter((key) => !ended.has(key))
  }

  use(garId: string): SharedUse {
    return (this.database.get(useKey(garId)) as SharedUse | undefined) ?? nothing
  }

  /** GAR IDs that share something. */
  garIds(): string[] {
    return this.database
      .keys({ start: ['shared-use'], end: ['shared-use', highest] })
      .map((key) => (key as string[])[1] as string)
  }

  /**
   * @param expected the text that must be there, null for none; undefined: whatever is there
   * @param most how much the instances may share
   */
  async put(
    garId: string,
    key: string,
    value: SharedValue,
    {
      expected,
      most,
      now,
    }: { readonly expected: string | null | undefined; readonly most: SharedUse; readonly now: number },
  ): Promise<Written> {
    let written: Written = 'written'
    await this.transaction(() => {
      this.#removeEnded(garId, now)
      const found = this.#found(garId, key)
      const use = this.use(garId)
      const after = {
        keys: use.keys + (found === undefined ? 1 : 0),
        bytes: use.bytes - bytesOf(key, found) + bytesOf(key, value),
      }
      if (expected !== undefined && expected !== (found?.text ?? null)) written = 'different'
      else if (after.keys > most.keys) written = 'too many keys'
      else if (after.bytes > most.bytes && after.bytes > use.bytes) written = 'too many bytes'
      else {
        if (found?.until !== undefined) this.database.remove(endKey(garId, found.until, key))
        this.database.put(valueKey(garId, key), value)
        if (value.until !== undefined) this.database.put(endKey(garId, value.until, key), 0)
        this.database.put(useKey(garId), after)
      }
    })
    return written
  }

  /** Says whether something was there. */
  async remove(garId: string, key: string, now: number): Promise<boolean> {
    let wasThere = false
    await this.transaction(() => {
      this.#removeEnded(garId, now)
      wasThere = this.#remove(garId, key)
    })
    return wasThere
  }

  /** Removes all that the instances of a GAR share. */
  async forget(garId: string): Promise<void> {
    if (this.use(garId).keys === 0) return
    await this.transaction(() => {
      for (const key of this.#keys(garId, '')) this.#remove(garId, key)
    })
  }

  #removeEnded(garId: string, now: number): void {
    for (const [, , , key] of this.#ended(garId, now)) this.#remove(garId, key)
  }

  #remove(garId: string, key: string): boolean {
    const found = this.#found(garId, key)
    if (found === undefined) return false
    const { keys, bytes } = this.use(garId)
    this.database.remove(valueKey(garId, key))
    if (found.until !== undefined) this.database.remove(endKey(garId, found.until, key))
    if (keys === 1) this.database.remove(useKey(garId))
    else this.database.put(useKey(garId), { keys: keys - 1, bytes: bytes - bytesOf(key, found) })
    return true
  }

  #found(garId: string, key: string): SharedValue | undefined {
    return this.database.get(valueKey(garId, key)) as SharedValue | undefined
  }

  #keys(garId: string, prefix: string): string[] {
    return this.database
      .keys({ start: ['shared', garId, prefix], end: ['shared', garId, prefix + highest] })
      .map((key) => (key as string[])[2] as string)
  }

  #ended(garId: string, now: number): [string, string, number, string][] {
    return this.database.keys({ start: ['shared-end', garId], end: ['shared-end', garId, now, highest] }) as [
      string,
      string,
      number,
      string,
    ][]
  }
}

const valueKey = (garId: string, key: string): Key => ['shared', garId, key]
const useKey = (garId: string): Key => ['shared-use', garId]
const endKey = (garId: string, until: number, key: string): Key => ['shared-end', garId, until, key]

const lasts = ({ until }: SharedValue, now: number): boolean => until === undefined || until > now

const bytesOf = (key: string, value: SharedValue | undefined): number =>
  value === undefined ? 0 : Buffer.byteLength(key) + Buffer.byteLength(value.text)
