import { openSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { runInstance } from './runtime.ts'
import { connectThread } from './thread-link.ts'

// The entry of a thread that runs the service of one deployment.

const { output } = workerData as { readonly output: string }
const log = openSync(output, 'a', 0o600)
// Straight into the file or pipe: a thread's streams would go through the heap of the node.
for (const stream of [process.stdout, process.stderr] as Writable[]) {
  stream._write = (chunk: string | Uint8Array, encoding, done) => {
    if (typeof chunk === 'string') writeSync(log, chunk, null, encoding)
    else writeSync(log, chunk)
    done()
  }
  Object.defineProperty(stream, '_writev', { value: undefined })
}

runInstance((receiver) => connectThread(parentPort as MessagePort, receiver))
