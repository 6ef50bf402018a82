import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expectArchive } from '../../archive/read-archive.ts'
import { UploadBroken, UploadNotKept, UploadTooLarge } from '../errors.ts'
import { declaredLength } from '../read-body.ts'
import type { Uploads } from './route.ts'

/** Bytes that may wait to be written: what comes meanwhile is written at once. */
const writeAhead = 1024 * 1024

/** Puts uploads into files in `folder`, chunk by chunk: an archive is never whole in memory. */
export function uploadsInto(folder: string, limit: number): Uploads {
  const discard = (file: string): Promise<void> => rm(file, { force: true })
  return {
    async receive(request: IncomingMessage): Promise<string> {
      if (declaredLength(request) > limit) throw new UploadTooLarge(limit)
      expectArchive()
      await mkdir(folder, { recursive: true })
      const file = join(folder, `upload-${randomUUID()}`)
      try {
        // The iterator leaves the request alone when writing fails, so that its sender can still be answered.
        const body = request.iterator({ destroyOnReturn: false })
        const kept = createWriteStream(file, { flags: 'wx', mode: 0o600, highWaterMark: writeAhead })
        await pipeline(atMost(limit, body), kept)
      } catch (error) {
        await discard(file)
        if (error instanceof UploadTooLarge) throw error
        if (request.destroyed) throw new UploadBroken({ cause: error })
        throw new UploadNotKept((error as Error).message, { cause: error })
      }
      return file
    },
    discard,
  }
}

async function* atMost(limit: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit) throw new UploadTooLarge(limit)
    yield chunk
  }
}
