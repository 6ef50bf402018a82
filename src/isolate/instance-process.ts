import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import { FrameWriter } from './frame-writer.ts'
import { FrameInvalid, FrameParser, type FrameReceiver } from './frames.ts'
import type { PlaceSpec } from './place.ts'
import { PlaceEnded, PlaceOutOfMemory, PlaceSpawnFailed } from './place-errors.ts'

/** How long an ended process's last frames are waited for, and a living one after it closed its end; milliseconds. */
export const LAST_WORDS = 500
const LOG_TAIL = 16 * 1024

/**
 * One operating system process that runs a service, with the connection to it as file descriptor 3.
 *
 * It is the leader of a process group of its own: a Ctrl-C meant for the node doesn't reach it, and what it left behind
 * ends with it. Nothing of the node's environment, arguments or descriptors goes to it.
 */
export class InstanceProcess {
  readonly writer: FrameWriter
  /** Resolves with why it ended once it is gone and everything it sent was read; never rejects. */
  readonly ended: Promise<ErrorData>
  readonly #child: ChildProcess
  #exited = false

  /** @throws {PlaceSpawnFailed} */
  constructor(runtimeFile: string, spec: PlaceSpec, receiver: FrameReceiver) {
    const { child, logged } = spawnInstance(runtimeFile, spec)
    this.#child = child
    const socket = child.stdio[3] as Socket | undefined
    if (socket === undefined || socket === null) throw new PlaceSpawnFailed('too few file descriptors')
    this.writer = new FrameWriter(socket)
    const parser = new FrameParser(receiver)
    let invalid: FrameInvalid | undefined
    socket.on('data', (chunk: Buffer) => {
      if (invalid !== undefined) return
      try {
        parser.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameInvalid)) throw error
        invalid = error
        this.kill()
      }
    })
    // What is wrong with the connection shows in its closing.
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    const outlived = (): void => {
      if (!this.#exited) invalid ??= new FrameInvalid('the service closed its end')
      this.kill()
    }
    void closed.then(() => setTimeout(outlived, LAST_WORDS).unref())

    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(errorAsData(new PlaceSpawnFailed(error.message)))
      })
      child.once('exit', async (code, signal) => {
        this.kill()
        this.#exited = true
        await Promise.race([closed, new Promise((late) => setTimeout(late, LAST_WORDS).unref())])
        socket.destroy()
        if (invalid !== undefined) resolve(errorAsData(invalid))
        else if (signal === 'SIGABRT' && (await ranOutOfMemory(spec, logged))) {
          resolve(errorAsData(new PlaceOutOfMemory(spec.heapMegabytes)))
        } else resolve(errorAsData(new PlaceEnded(code ?? undefined, signal ?? undefined)))
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Ends it and all processes of its group at once. */
  kill(): void {
    if (this.#exited || this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // No one is left in the group.
    }
  }
}

function spawnInstance(runtimeFile: string, spec: PlaceSpec): { child: ChildProcess; logged: number } {
  let log: number | undefined
  try {
    log = openSync(spec.output ?? spec.logFile, 'a', 0o600)
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${spec.heapMegabytes}`,
        // Says of each archive without a package.json that its modules had to be looked at.
        '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
        runtimeFile,
        spec.garId,
      ],
      { cwd: spec.directory, env: { ...spec.environment }, stdio: ['ignore', log, log, 'pipe'], detached: true },
    )
    return { child, logged: statSync(spec.logFile, { throwIfNoEntry: false })?.size ?? 0 }
  } catch (error) {
    throw new PlaceSpawnFailed(error instanceof Error ? error.message : String(error))
  } finally {
    if (log !== undefined) closeSync(log)
  }
}

/** V8 says so itself, in the log, before it aborts. What reads a pipe may write it a little later. */
async function ranOutOfMemory({ logFile, output }: PlaceSpec, from: number): Promise<boolean> {
  const deadline = Date.now() + (output === undefined ? 0 : LAST_WORDS)
  for (;;) {
    if (await saysSo(logFile, from)) return true
    if (Date.now() >= deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function saysSo(logFile: string, from: number): Promise<boolean> {
  try {
    const file = await open(logFile, 'r')
    try {
      const { size } = await file.stat()
      // A file that is shorter than it was is another one.
      const start = Math.max(size < from ? 0 : from, size - LOG_TAIL)
      const { bytesRead, buffer } = await file.read(Buffer.alloc(LOG_TAIL), 0, LOG_TAIL, start)
      return /FATAL ERROR: .*(heap|memory)/.test(buffer.toString('latin1', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}
