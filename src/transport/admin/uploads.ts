import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UploadBroken, UploadNotKept, UploadTooLarge } from '../errors.ts'
import { declaredLength } from '../read-body.ts'
import type { Uploads } from './route.ts'

/** Puts uploads into files in `folder`, chunk by chunk: an archive is never whole in memory. */
export function uploadsInto(folder: string, limit: number): Uploads {
  const discard = (file: string): Promise<void> => rm(file, { force: true })
  return {
    async receive(request: IncomingMessage): Promise<string> {
      if (declaredLength(request) > limit) throw new UploadTooLarge(limit)
      await mkdir(folder, { recursive: true })
      const file = join(folder, `upload-${randomUUID()}`)
      try {
        // The iterator leaves the request alone when writing fails, so that its sender can still be answered.
        const body = request.iterator({ destroyOnReturn: false })
        await pipeline(body, atMost(limit), createWriteStream(file, { flags: 'wx', mode: 0o600 }))
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

function atMost(limit: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      size += chunk.length
      if (size > limit) pass(new UploadTooLarge(limit))
      else pass(null, chunk)
    },
  })
}
