import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, constants, copyFile, mkdir, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { expectArchive } from '../../archive/read-archive.ts'
import { fileIdentity } from '../../store/file-identity.ts'
import { UploadBroken, UploadElsewhere, UploadNotKept, UploadTooLarge } from '../errors.ts'
import { declaredLength } from '../read-body.ts'
import type { Uploads } from './route.ts'

/** Bytes that may wait to be written: what comes meanwhile is written at once. */
const writeAhead = 1024 * 1024

/** Puts uploads into files in `folder`, chunk by chunk: an archive is never whole in memory. */
export function uploadsInto(folder: string, limit: number): Uploads {
  const discard = (file: string): Promise<void> => rm(file, { force: true })
  const newFile = async (): Promise<string> => {
    expectArchive()
    await mkdir(folder, { recursive: true })
    return join(folder, `upload-${randomUUID()}`)
  }
  return {
    async receive(request: IncomingMessage): Promise<string> {
      if (declaredLength(request) > limit) throw new UploadTooLarge(limit)
      const file = await newFile()
      // The iterator leaves the request alone when writing fails, so that its sender can still be answered.
      const body = request.iterator({ destroyOnReturn: false })
      const kept = createWriteStream(file, { flags: 'wx', mode: 0o600, highWaterMark: writeAhead })
      try {
        await pipeline(atMost(limit, body), kept)
      } catch (error) {
        // What ends early may still be about to make the file.
        if (!kept.closed) await new Promise<void>((resolve) => kept.once('close', () => resolve()))
        await discard(file)
        if (error instanceof UploadTooLarge) throw error
        if (request.destroyed) throw new UploadBroken({ cause: error })
        throw new UploadNotKept((error as Error).message, { cause: error })
      }
      return file
    },
    async copy(path: string, identity: string): Promise<string> {
      const same = async (): Promise<boolean> => (await fileIdentity(path)) === identity
      const elsewhere = (cause?: unknown): UploadElsewhere => new UploadElsewhere(path, { cause })
      if (!(await same().catch((cause: unknown) => Promise.reject(elsewhere(cause))))) throw elsewhere()
      if ((await stat(path)).size > limit) throw new UploadTooLarge(limit)
      const file = await newFile()
      try {
        await copyFile(path, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
        await chmod(file, 0o600)
        // Whoever writes to it meanwhile makes an archive of two halves.
        if (!(await same())) throw elsewhere()
      } catch (error) {
        await discard(file)
        if (error instanceof UploadElsewhere) throw error
        const { code = '', message } = error as NodeJS.ErrnoException
        if (code === 'EACCES' || code === 'ENOENT') throw elsewhere(error)
        throw new UploadNotKept(message, { cause: error })
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
