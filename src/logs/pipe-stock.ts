import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** So many at a time: the command costs as much for one. */
const batch = 16

/** Named pipes in one folder, made ahead. */
export class PipeStock {
  readonly #made: string[] = []
  #count = 0
  #making: Promise<void> | undefined

  /** @param folder is there, and nothing else writes into it */
  constructor(private readonly folder: string) {}

  /** The path of a pipe that nobody else was given. @throws when the system can't make one there */
  async take(): Promise<string> {
    for (;;) {
      const path = this.#made.shift()
      if (path !== undefined) return path
      this.#making ??= this.#make().finally(() => {
        this.#making = undefined
      })
      await this.#making
    }
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: batch }, (_, index) => join(this.folder, String(this.#count + index)))
    this.#count += batch
    await promisify(execFile)('mkfifo', ['-m', '600', '--', ...paths])
    this.#made.push(...paths)
  }
}
