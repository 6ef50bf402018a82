import { parentPort, workerData } from 'node:worker_threads'
import { errorAsData } from '../service/errors.ts'
import type { ReadArchiveAnswer } from './read-archive.ts'
import { type ReadArchiveOptions, readArchiveHere } from './read-archive-here.ts'

// The thread that `readArchive` starts: one archive, one answer.
const { path, options } = workerData as { readonly path: string; readonly options: ReadArchiveOptions }
const answer = await readArchiveHere(path, options).then(
  (archive): ReadArchiveAnswer => ({ archive }),
  (error: unknown): ReadArchiveAnswer => ({ error: errorAsData(error) }),
)
parentPort?.postMessage(answer)
