import { constants, openSync, readSync } from 'node:fs'
import { Socket, type SocketConstructorOpts } from 'node:net'
import { createInterface } from 'node:readline'
import type { FromKeeper, ToKeeper } from './keeper-messages.ts'
import { type LogPolicy, startMark } from './log-policy.ts'
import { RotatingFile } from './rotating-file.ts'

// The entry of the process that writes the logs of running instances: what they print comes through pipes, one for each
// log, and the node says which. It ends when the node is gone and every pipe is empty.

const readAtOnce = 64 * 1024
/** How long the pipes may take to end when the node is gone, ms: its instances end at once then. */
const patience = 3000
const questionMark = 0x3f

/** One for all pipes: what was read is written before the next read. */
const buffer = Buffer.allocUnsafeSlow(readAtOnce)
const kept = new Map<string, KeptLog>()
let policy: LogPolicy

class KeptLog {
  readonly #file: RotatingFile
  readonly #descriptor: number
  readonly ended: Promise<void>

  constructor(log: string, pipe: string) {
    this.#file = new RotatingFile(log, policy)
    this.#descriptor = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const callback = (length: number): boolean => {
      this.#take(length)
      return true
    }
    // `onread` is an option of the constructor too (nodejs.org/api/net.html), which its types don't say.
    const onread = { buffer, callback }
    const socket = new Socket({
      fd: this.#descriptor,
      readable: true,
      writable: false,
      onread,
    } as SocketConstructorOpts)
    socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#file.close()
        resolve()
      })
    })
    socket.resume()
  }

  mark(text: string): void {
    this.drain()
    this.#file.line(String.fromCharCode(startMark) + text)
  }

  /** Takes what the pipe holds, but no more than what comes meanwhile from one who never stops. */
  drain(): void {
    try {
      for (let reads = 0; reads < 64; reads += 1) {
        const length = readSync(this.#descriptor, buffer, 0, readAtOnce, null)
        if (length === 0) return
        this.#take(length)
      }
    } catch {
      // EAGAIN: it is empty.
    }
  }

  #take(length: number): void {
    const bytes = buffer.subarray(0, length)
    for (let at = bytes.indexOf(startMark); at !== -1; at = bytes.indexOf(startMark, at + 1)) bytes[at] = questionMark
    this.#file.write(bytes)
  }
}

function told(message: ToKeeper): void {
  switch (message.what) {
    case 'policy':
      policy = message.policy
      return
    case 'open':
      if (!kept.has(message.log)) kept.set(message.log, new KeptLog(message.log, message.pipe))
      return
    case 'mark':
      kept.get(message.log)?.mark(message.text)
      done(message.id)
      return
    case 'flush':
      kept.get(message.log)?.drain()
      done(message.id)
  }
}

function done(id: number): void {
  process.stdout.write(`${JSON.stringify({ what: 'done', id } satisfies FromKeeper)}\n`)
}

// Whoever stops the node may send the signal to all of its group: this one ends when the last instance has.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.stdout.on('error', () => {})

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const message = JSON.parse(line) as ToKeeper
  try {
    told(message)
  } catch (error) {
    // One log that can't be opened is no reason to lose the others; the node sees its words.
    process.stderr.write(`${'log' in message ? message.log : ''}: ${(error as Error).message}\n`)
  }
})
lines.once('close', async () => {
  const late = setTimeout(() => process.exit(0), patience)
  await Promise.all([...kept.values()].map(({ ended }) => ended))
  clearTimeout(late)
  process.exit(0)
})
