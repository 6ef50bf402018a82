import { type FSWatcher, watch } from 'node:fs'
import { readTrustDirectory } from './read-files.ts'
import type { TrustStore } from './trust-store.ts'

export interface WatchOptions {
  /** ms between readings without any sign of a change: network file systems give none. */
  readonly interval?: number
  /** ms to wait after a sign of a change, for the files that belong together. */
  readonly settle?: number
  /** Called with each new picture, and never with one that's the same as the last. */
  changed(store: TrustStore): void
  /** Called when the directory itself can't be read; the last picture stays. */
  failed?(cause: unknown): void
}

/**
 * The picture of a CA directory that is kept up to date: read anew when the directory changes and every minute, swapped
 * whole. A file that's half written leaves its earlier reading in force (`current.problems` says so).
 */
export class TrustWatch {
  #current: TrustStore
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #settling: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #again = false
  #stopped = false

  private constructor(
    private readonly directory: string,
    first: TrustStore,
    private readonly options: WatchOptions,
  ) {
    this.#current = first
  }

  /** @throws {TrustDirectoryUnreadable} it can't be read at the start */
  static async start(directory: string, options: WatchOptions): Promise<TrustWatch> {
    const watching = new TrustWatch(directory, await readTrustDirectory(directory), options)
    watching.#observe()
    watching.#timer = setInterval(() => void watching.refresh(), options.interval ?? 60_000)
    watching.#timer.unref()
    return watching
  }

  get current(): TrustStore {
    return this.#current
  }

  /** Reads the directory now; resolves when that is done. Never rejects. */
  refresh(): Promise<void> {
    if (this.#reading !== undefined) {
      // What is being read may be older than what made the caller ask.
      this.#again = true
      return this.#reading
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  stop(): void {
    this.#stopped = true
    this.#watcher?.close()
    clearInterval(this.#timer)
    clearTimeout(this.#settling)
  }

  async #read(): Promise<void> {
    do {
      this.#again = false
      try {
        const next = await readTrustDirectory(this.directory, this.#current)
        if (this.#watcher === undefined) this.#observe()
        if (!this.#stopped && stateOf(next) !== stateOf(this.#current)) {
          this.#current = next
          this.options.changed(next)
        }
      } catch (cause) {
        this.#watcher?.close()
        this.#watcher = undefined
        if (!this.#stopped) this.options.failed?.(cause)
      }
    } while (this.#again && !this.#stopped)
  }

  #observe(): void {
    if (this.#stopped) return
    try {
      this.#watcher = watch(this.directory, { persistent: false }, () => {
        clearTimeout(this.#settling)
        this.#settling = setTimeout(() => void this.refresh(), this.options.settle ?? 200)
        this.#settling.unref()
      })
      this.#watcher.on('error', () => {
        this.#watcher?.close()
        this.#watcher = undefined
      })
    } catch {
      // Without notices the poll alone keeps it up to date.
      this.#watcher = undefined
    }
  }
}

const stateOf = ({ files }: TrustStore): string =>
  files.map(({ name, digest, problem }) => `${name} ${digest} ${problem ?? ''}`).join('\n')
