import { parentPort } from 'node:worker_threads'
import { errorAsData } from '../service/errors.ts'
import type { ReadArchiveAnswer, ReadArchiveRequest } from './read-archive.ts'
import { readArchiveHere } from './read-archive-here.ts'

// The thread that `readArchive` starts: one archive, one answer.
parentPort?.once('message', async ({ path, options }: ReadArchiveRequest) => {
  const answer = await readArchiveHere(path, options).then(
    (archive): ReadArchiveAnswer => ({ archive }),
    (error: unknown): ReadArchiveAnswer => ({ error: errorAsData(error) }),
  )
  parentPort?.postMessage(answer)
})
