import { createHash, type Hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { ArchiveRefused } from './archive-refused.ts'

/** The size of one read: large enough to cost few calls, small enough to hold many. */
export const chunkSize = 256 * 1024

/** An archive file that is open for reading; its size is taken then, and is -1 for what is no regular file. */
export class ArchiveFile {
  private readonly descriptor: number
  readonly size: number
  #hash: Hash | undefined
  /** Bytes from the beginning on that are in the hash. */
  #hashed = 0

  constructor(readonly path: string) {
    // Without waiting: a named pipe would never answer.
    this.descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(this.descriptor)
    this.size = stat.isFile() ? stat.size : -1
  }

  /** What is read in its order from now on isn't read once more for the digest. */
  beginDigest(): void {
    this.#hash = createHash('sha256')
  }

  /** SHA-256 of the whole file, in lower case hexadecimal; asked for once. */
  digest(): string {
    if (this.#hash === undefined) this.beginDigest()
    while (this.#hashed < this.size) this.read(this.#hashed, Math.min(chunkSize, this.size - this.#hashed))
    return (this.#hash as Hash).digest('hex')
  }

  /**
   * Exactly these bytes.
   *
   * @throws {ArchiveRefused} DHN_ARCHIVE_TRUNCATED: the file ends before
   */
  read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(this.descriptor, bytes, filled, length - filled, position + filled)
      if (count === 0) throw new ArchiveRefused('DHN_ARCHIVE_TRUNCATED')
      filled += count
    }
    if (this.#hash !== undefined && position <= this.#hashed && this.#hashed < position + length) {
      this.#hash.update(bytes.subarray(this.#hashed - position))
      this.#hashed = position + length
    }
    return bytes
  }

  close(): void {
    closeSync(this.descriptor)
  }
}
