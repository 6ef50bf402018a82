import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import type { Carrier } from './carrier.ts'
import { FrameInvalid, type FrameReceiver } from './frames.ts'
import { MessageWriter, readMessage } from './message-writer.ts'
import type { PlaceSpec, PlaceVitals } from './place.ts'
import { PlaceEnded, PlaceOutOfMemory, PlaceSpawnFailed } from './place-errors.ts'

/**
 * One thread of the node that runs a service.
 *
 * It has a heap, an environment and globals of its own, and can be ended in the midst of a loop. It fences off mistakes,
 * not malice: it has the node's rights, descriptors, working directory and memory, and can end the whole process.
 */
export class InstanceThread implements Carrier {
  readonly writer: MessageWriter
  readonly ended: Promise<ErrorData>
  readonly #worker: Worker
  #gone = false

  /** @throws {PlaceSpawnFailed} */
  constructor(threadFile: string, spec: PlaceSpec, receiver: FrameReceiver) {
    this.#worker = startThread(threadFile, spec)
    this.writer = new MessageWriter(this.#worker)
    let cause: FrameInvalid | PlaceOutOfMemory | PlaceSpawnFailed | undefined
    this.#worker.on('message', (message: unknown) => {
      if (cause !== undefined) return
      try {
        readMessage(message, receiver)
      } catch (error) {
        if (!(error instanceof FrameInvalid)) throw error
        cause = error
        this.kill()
      }
    })
    // Whatever else is thrown in it, the instance side has told already.
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') cause ??= new PlaceOutOfMemory(spec.heapMegabytes)
      if (error.code === 'ERR_WORKER_INIT_FAILED') cause ??= new PlaceSpawnFailed(error.message)
    })
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#gone = true
        resolve(errorAsData(cause ?? new PlaceEnded(code, undefined, 'thread')))
      })
    })
  }

  /** The node's: undefined when the thread is no longer in it. */
  get pid(): number | undefined {
    return this.#gone ? undefined : process.pid
  }

  /** What is a thread's own can't be told from outside: its memory and descriptors are the node's. */
  look(): PlaceVitals {
    return {}
  }

  kill(): void {
    void this.#worker.terminate()
  }
}

function startThread(threadFile: string, spec: PlaceSpec): Worker {
  try {
    accessSync(spec.directory, constants.R_OK)
    const output = spec.output ?? spec.logFile
    closeSync(openSync(output, 'a', 0o600))
    return new Worker(threadFile, {
      name: spec.garId,
      argv: [spec.garId],
      execArgv: [],
      env: { ...spec.environment },
      workerData: { output },
      resourceLimits: { maxOldGenerationSizeMb: spec.heapMegabytes },
    })
  } catch (error) {
    throw new PlaceSpawnFailed(error instanceof Error ? error.message : String(error))
  }
}
