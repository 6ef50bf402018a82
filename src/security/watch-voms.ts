import { TrustDirectoryUnreadable } from './errors.ts'
import { readVomsDirectory } from './read-files.ts'
import { VomsDirectory } from './voms-directory.ts'

export interface VomsWatchOptions {
  /** ms from one reading to the next: the folders of many VOs are cheaper to read than to watch. */
  readonly interval?: number
  /** Called with each new picture, and never with one that says the same as the last. */
  changed(directory: VomsDirectory): void
  /** Called when the directory is there and can't be read; the last picture stays. */
  failed(cause: unknown): void
}

/** The picture of a `vomsdir` that is kept up to date. A directory that isn't there speaks for no VO. */
export class VomsWatch {
  #current = new VomsDirectory([])
  #timer: NodeJS.Timeout | undefined

  private constructor(
    private readonly directory: string,
    private readonly options: VomsWatchOptions,
  ) {}

  static async start(directory: string, options: VomsWatchOptions): Promise<VomsWatch> {
    const watching = new VomsWatch(directory, options)
    watching.#current = (await watching.#read()) ?? watching.#current
    watching.#timer = setInterval(() => void watching.refresh(), options.interval ?? 60_000)
    watching.#timer.unref()
    return watching
  }

  get current(): VomsDirectory {
    return this.#current
  }

  /** Reads the directory now; resolves when that is done. Never rejects. */
  async refresh(): Promise<void> {
    const next = await this.#read()
    if (next === undefined || next.state === this.#current.state) return
    this.#current = next
    this.options.changed(next)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Undefined: it can't be read. */
  async #read(): Promise<VomsDirectory | undefined> {
    try {
      return await readVomsDirectory(this.directory)
    } catch (error) {
      const absent =
        error instanceof TrustDirectoryUnreadable && (error.cause as NodeJS.ErrnoException).code === 'ENOENT'
      if (absent) return new VomsDirectory([])
      this.options.failed(error)
      return undefined
    }
  }
}
