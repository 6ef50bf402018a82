import type { Socket } from 'node:net'
import { AnswerReader } from './answer-reader.ts'

export interface CallerOptions {
  readonly request: Buffer
  /** Milliseconds until a call is given up. */
  readonly timeout: number
  open(): Promise<Socket>
  answered(microseconds: number): void
  /** `what`: a status, S_ERROR, or what the connection died of. */
  failed(what: string): void
  /** More or fewer connections are open than before. */
  opened(by: 1 | -1): void
}

/** Between attempts to connect, ms: a server that is away isn't worth all our time. */
const PAUSE = 100
const good = /^\s*\{\s*"OK"\s*:\s*true/
const bad = /^\s*\{\s*"OK"\s*:\s*false/

/** Calls on one connection, one call after another, until it is told to end; a connection that ends is opened again. */
export async function callUntil(ended: () => boolean, options: CallerOptions): Promise<void> {
  while (!ended()) {
    const socket = await options.open().catch((error: NodeJS.ErrnoException) => {
      options.failed(error.code ?? error.message)
    })
    if (socket === undefined) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
      continue
    }
    options.opened(1)
    await callOn(socket, ended, options)
    options.opened(-1)
    socket.destroy()
  }
}

/** Resolves when the connection is of no more use, or the time is over. */
function callOn(
  socket: Socket,
  ended: () => boolean,
  { request, timeout, answered, failed }: CallerOptions,
): Promise<void> {
  return new Promise((resolve) => {
    const reader = new AnswerReader()
    let begun = 0
    const finish = (what?: string): void => {
      if (what !== undefined && begun > 0) failed(what)
      begun = 0
      socket.off('data', read)
      resolve()
    }
    const send = (): void => {
      begun = performance.now()
      socket.write(request)
    }
    const read = (chunk: Buffer): void => {
      const answer = reader.read(chunk)
      if (answer === undefined) return
      const what = outcome(answer.status, answer.beginning)
      if (what === undefined) answered((performance.now() - begun) * 1000)
      else failed(what)
      begun = 0
      if (answer.last || ended()) finish()
      else send()
    }
    socket.on('data', read)
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message))
    socket.once('close', () => finish('closed'))
    socket.setTimeout(timeout, () => finish('timeout'))
    socket.setNoDelay(true)
    send()
  })
}

/** Undefined for a good answer. */
function outcome(status: number, beginning: string): string | undefined {
  if (status !== 200) return `status ${status}`
  if (good.test(beginning)) return undefined
  return bad.test(beginning) ? 'S_ERROR' : 'no S_OK'
}
