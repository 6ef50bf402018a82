import { closeSync, mkdirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Key, open, type RangeOptions, type RootDatabase } from 'lmdb'
import { StoreUnreadable } from './store-errors.ts'

const pageSize = 4096

interface Waiting {
  readonly work: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The lmdb database of a store: what lmdb leaves to its user when the disk fails is done here.
 *
 * A commit that fails has changed nothing. One that fails while it writes lmdb's own first pages leaves the database
 * unusable for this process, for reading too (`MDB_PANIC`); it is then opened anew, as it was before.
 */
export class Database {
  #open: RootDatabase<unknown, Key> | undefined
  #mending: Promise<void> | undefined
  /** Transactions that aren't with lmdb yet. */
  readonly #waiting: Waiting[] = []
  #writing = false

  /** @throws what lmdb says */
  constructor(private readonly directory: string) {
    this.#open = openIn(directory)
  }

  /** @throws {StoreUnreadable} as all reading does while the disk fails */
  get(key: Key): unknown {
    return this.#read((database) => database.get(key))
  }

  /** By key. */
  range(options: RangeOptions): { readonly value: unknown }[] {
    return this.#read((database) => [...database.getRange(options)])
  }

  keys(options: RangeOptions): Key[] {
    return this.#read((database) => [...database.getKeys(options)])
  }

  /** Inside a transaction. */
  put(key: Key, value: unknown): void {
    this.#database.putSync(key, value)
  }

  /** Inside a transaction. */
  remove(key: Key): void {
    this.#database.removeSync(key)
  }

  /**
   * All that `work` changes or nothing. It is on the disk when the promise has resolved; transactions that come together
   * are synced together.
   *
   * @throws what failed, when the database can be used again
   */
  transaction(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject })
      if (!this.#writing) void this.#writeAll()
    })
  }

  async close(): Promise<void> {
    await this.#open?.close()
  }

  /** One batch after the other: behind a commit that leaves the database unusable lmdb never ends what waits. */
  async #writeAll(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      // What comes in the same turn of the event loop goes together.
      await nextTurn()
      const batch = this.#waiting.splice(0)
      await Promise.all(batch.map(({ work, resolve, reject }) => this.#write(work).then(resolve, reject)))
    }
    this.#writing = false
  }

  async #write(work: () => void): Promise<void> {
    const used = this.#database
    try {
      await used.transaction(work)
    } catch (error) {
      const cause = await causeOf(error)
      this.#mending ??= this.#mend(used).finally(() => {
        this.#mending = undefined
      })
      await this.#mending
      throw cause
    }
  }

  #read<Result>(work: (database: RootDatabase<unknown, Key>) => Result): Result {
    try {
      return work(this.#database)
    } catch (error) {
      throw new StoreUnreadable(this.directory, error)
    }
  }

  get #database(): RootDatabase<unknown, Key> {
    this.#open ??= openIn(this.directory)
    return this.#open
  }

  /** All handles share one environment until the last is closed: none is opened before this one is. */
  async #mend(used: RootDatabase<unknown, Key>): Promise<void> {
    if (used !== this.#open || isUsable(used)) return
    await used.close()
    this.#open = undefined
    try {
      this.#open = openIn(this.directory)
    } catch {
      // Whoever uses it next tries again, and hears why it can't be done.
    }
  }
}

/** @throws what the system says of its files */
function openIn(directory: string): RootDatabase<unknown, Key> {
  tryFiles(directory)
  // Without overlapping syncs a transaction is on the disk when its promise resolves. Without batches by event turn there
  // is no promise within lmdb whose rejection nobody could handle, and which would end the process.
  return open({ path: directory, noSubdir: false, encoding: 'json', overlappingSync: false, eventTurnBatching: false })
}

/** Opens and reads what lmdb opens and reads first: where that fails, lmdb 3.5.6 ends the process with a signal. */
function tryFiles(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const name of ['data.mdb', 'lock.mdb']) {
    const file = openSync(join(directory, name), 'a+')
    try {
      readSync(file, Buffer.alloc(2 * pageSize), 0, 2 * pageSize, 0)
    } finally {
      closeSync(file)
    }
  }
}

function isUsable(database: RootDatabase<unknown, Key>): boolean {
  try {
    database.get([''])
    return true
  } catch {
    return false
  }
}

/** lmdb rejects each transaction of a commit with an error that promises the cause. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> }
  return await (commitError ?? Promise.reject(error)).catch((cause: unknown) => cause)
}
