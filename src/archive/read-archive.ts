import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { type ErrorData, RemoteError } from '../service/errors.ts'
import type { Archive } from './archive.ts'
import type { ReadArchiveOptions } from './read-archive-here.ts'

/** What the thread answers with: structured clones of plain data. */
export type ReadArchiveAnswer = { readonly archive: Archive } | { readonly error: ErrorData }

/** What the thread is told. */
export interface ReadArchiveRequest {
  readonly path: string
  readonly options: ReadArchiveOptions
}

/** The thread holds a chunk, a file of a few megabytes at most and the paths; this leaves room for the descriptors. */
const heapMegabytes = 128
/** How long a thread waits for an archive that is expected, ms. */
const patience = 30_000
/** A thread that was started for an archive on its way. */
let waiting: Worker | undefined

/** An archive is on its way: the thread that will read it is started meanwhile. */
export function expectArchive(): void {
  if (waiting !== undefined) return
  const thread = startThread()
  waiting = thread
  const forget = (): void => {
    if (waiting === thread) waiting = undefined
  }
  thread.once('error', forget).once('exit', forget).unref()
  setTimeout(() => {
    if (waiting !== thread) return
    forget()
    void thread.terminate()
  }, patience).unref()
}

/**
 * Reads an archive in a thread of its own, so that calls are served meanwhile: as `readArchiveHere`, which see.
 *
 * An error comes with the code, message and facts that it has there, as a RemoteError.
 */
export async function readArchive(path: string, options: ReadArchiveOptions): Promise<Archive> {
  const worker = waiting ?? startThread()
  waiting = undefined
  worker.ref()
  worker.postMessage({ path, options } satisfies ReadArchiveRequest)
  const answer = await new Promise<ReadArchiveAnswer>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that reads archives ended without an answer')))
  }).catch(async (error: unknown) => {
    await rm(options.staging, { recursive: true, force: true })
    throw error
  })
  if ('error' in answer) throw new RemoteError(answer.error)
  return answer.archive
}

function startThread(): Worker {
  return new Worker(createRequire(import.meta.url).resolve('#read-archive'), {
    // Whatever this process was started with: the thread runs the built module and nothing else.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  })
}
