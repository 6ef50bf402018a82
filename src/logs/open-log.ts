import { open, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { DhnError } from '../service/errors.ts'
import { filesAside } from './log-files.ts'
import type { LogPart, LogPlace } from './log-part.ts'
import { lastLinesFrom, runBefore, sinceTime } from './log-places.ts'
import { startMark } from './log-policy.ts'

/** Which part of a log is wanted; all of it when nothing is said. */
export interface LogChoice {
  /** The last so many lines of what else is chosen. */
  readonly lines?: number
  /** From the first line that was logged at this time or later; ms since 1970. */
  readonly since?: number
  /** The run before the last start alone. */
  readonly previous?: boolean
  /** Goes on with what is written from then on, until it is told to end. */
  readonly follow?: boolean
}

/** What ran before the last start has left nothing, or nothing that is still kept. */
export class NoEarlierRun extends DhnError {
  readonly code = 'DHN_NO_EARLIER_RUN'
  constructor(readonly log: string) {
    super(`${log} holds nothing of a run before the last start`, { next: 'read it without --previous' })
  }
}

const chunk = 64 * 1024
/** How often a log that is followed is looked at, ms. */
const look = 200

/**
 * Finds what is wanted of a log and resolves with its bytes, from the oldest on, some 64 KiB at a time; the marks of starts
 * are taken out of their lines. A log that isn't there is empty. What is read is let go of when the bytes have ended, or
 * when their reader goes away.
 *
 * @param ended tells one who follows to end
 * @throws {NoEarlierRun}
 */
export async function openLog(
  log: string,
  { lines, since, previous = false, follow = false }: LogChoice,
  ended?: AbortSignal,
): Promise<AsyncGenerator<Buffer>> {
  const parts = await openParts(log)
  try {
    let from: LogPlace = { part: 0, offset: 0 }
    let to: LogPlace = { part: parts.length - 1, offset: parts.at(-1)?.size ?? 0 }
    if (previous) {
      const run = await runBefore(parts)
      if (run === undefined) throw new NoEarlierRun(log)
      ;({ from, to } = run)
    }
    if (since !== undefined) from = await sinceTime(parts, from, since)
    if (lines !== undefined) from = await lastLinesFrom(parts, from, to, lines)
    return read(log, parts, from, to, follow && !previous, ended)
  } catch (error) {
    await close(parts)
    throw error
  }
}

/** Oldest first. The growing one is opened first: what is put aside meanwhile is met once. */
async function openParts(log: string): Promise<LogPart[]> {
  const growing = await openPart(log)
  const aside = growing === undefined ? [] : await Promise.all(filesAside(log).map(openPart))
  return [...aside.filter((part) => part !== undefined && part.inode !== growing?.inode), growing].filter(
    (part) => part !== undefined,
  )
}

async function openPart(file: string): Promise<LogPart | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return undefined
  const { ino, size, mtimeMs } = await handle.stat()
  return { handle, inode: ino, size, changed: mtimeMs }
}

const close = (parts: readonly LogPart[]): Promise<unknown> =>
  Promise.allSettled(parts.map(({ handle }) => handle.close()))

async function* read(
  log: string,
  parts: LogPart[],
  from: LogPlace,
  to: LogPlace,
  follow: boolean,
  ended: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  try {
    let at = from.offset
    for (let index = from.part; index <= to.part; index += 1) {
      const part = parts[index]
      if (part === undefined) break
      const end = index === to.part ? to.offset : part.size
      for await (const bytes of readPart(part, at, end)) yield unmarked(bytes)
      at = 0
    }
    if (follow) yield* readOn(log, parts, to.offset, ended)
  } finally {
    await close(parts)
  }
}

/** Goes on behind what was read, over rotations: a file is read to its end before the next one. */
async function* readOn(
  log: string,
  parts: LogPart[],
  from: number,
  ended: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let at = from
  while (ended?.aborted !== true) {
    const part = parts.at(-1)
    const named = await stat(log).catch(() => undefined)
    // Looked at before it is read: whatever came into it before it was put aside is there by now.
    if (part !== undefined && (named?.ino !== part.inode || named.size !== at)) {
      if (named?.ino === part.inode && named.size < at) at = 0
      for await (const bytes of readPart(part, at, Number.POSITIVE_INFINITY)) {
        at += bytes.length
        yield unmarked(bytes)
      }
    }
    if (named !== undefined && named.ino !== part?.inode) {
      const all = await openParts(log)
      const next = all.findIndex(({ inode }) => inode === part?.inode) + 1
      await close([...parts.splice(0), ...all.slice(0, next), ...all.slice(next + 1)])
      const following = all[next]
      if (following !== undefined) parts.push(following)
      at = 0
    } else {
      await pause(look)
    }
  }
}

async function* readPart({ handle }: LogPart, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunk, to - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

const unmarked = (bytes: Buffer): Buffer =>
  bytes.includes(startMark) ? Buffer.from(bytes.filter((byte) => byte !== startMark)) : bytes
