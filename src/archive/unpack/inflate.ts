import { Readable } from 'node:stream'
import { createInflateRaw } from 'node:zlib'
import { type ArchiveFile, chunkSize } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'

/** A few chunks ahead, so that unpacking goes on while files are written. */
const inflateOptions = { chunkSize, readableHighWaterMark: 4 * chunkSize }

/**
 * Unpacks the deflated data that begins at `start`, chunk by chunk, reading no further than `end`.
 *
 * @returns how many bytes of the file the data took
 * @throws {ArchiveRefused} the data is damaged, or is not over at `end`
 */
export async function inflate(
  file: ArchiveFile,
  start: number,
  end: number,
  take: (chunk: Buffer) => void,
): Promise<number> {
  const inflater = createInflateRaw(inflateOptions)
  let position = start
  const compressed = new Readable({
    highWaterMark: chunkSize,
    read(): void {
      const length = Math.min(chunkSize, end - position)
      this.push(length > 0 ? file.read(position, length) : null)
      position += length
    },
  })
  compressed.on('error', (error) => inflater.destroy(error))
  compressed.pipe(inflater)
  try {
    for await (const chunk of inflater) take(chunk as Buffer)
    return inflater.bytesWritten
  } catch (error) {
    throw inflateError(error)
  } finally {
    compressed.destroy()
    inflater.destroy()
  }
}

/** What zlib threw, as a refusal; anything else as it is. */
export function inflateError(error: unknown): unknown {
  const code = (error as { code?: unknown }).code
  if (code === 'Z_BUF_ERROR') return new ArchiveRefused('DHN_ARCHIVE_TRUNCATED', {}, { cause: error })
  if (code === 'Z_DATA_ERROR' || code === 'Z_NEED_DICT' || code === 'Z_STREAM_ERROR') {
    return new ArchiveRefused('DHN_ARCHIVE_CORRUPT', {}, { cause: error })
  }
  return error
}
