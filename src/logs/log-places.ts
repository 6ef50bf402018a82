import type { LogPart, LogPlace } from './log-part.ts'
import { startMark } from './log-policy.ts'

const block = 64 * 1024
const newline = 10
const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const timeLength = 24

/** From the start before the last one to the last one; undefined when nothing is kept of it. */
export async function runBefore(parts: readonly LogPart[]): Promise<{ from: LogPlace; to: LogPlace } | undefined> {
  let to: LogPlace | undefined
  for await (const { bytes, part, offset } of backwards(parts, { part: 0, offset: 0 }, endOf(parts))) {
    for (let at = bytes.lastIndexOf(startMark); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(startMark, at - 1)) {
      const place = { part, offset: offset + at }
      if (to !== undefined) return { from: place, to }
      to = place
    }
  }
  // The start before is no longer kept: what is there of its run begins with the log.
  const from = { part: 0, offset: 0 }
  return to === undefined || isBefore(to, { part: 0, offset: 1 }) ? undefined : { from, to }
}

/** Where the last `lines` lines between two places begin. */
export async function lastLinesFrom(
  parts: readonly LogPart[],
  from: LogPlace,
  to: LogPlace,
  lines: number,
): Promise<LogPlace> {
  if (lines === 0) return to
  let ends = 0
  for await (const { bytes, part, offset } of backwards(parts, from, to)) {
    for (let at = bytes.length - 1; at >= 0; at -= 1) {
      if (bytes[at] !== newline) continue
      // The one at the very end ends the last line and begins none.
      const isLast = part === to.part && offset + at === to.offset - 1
      if (!isLast) ends += 1
      if (ends === lines) return { part, offset: offset + at + 1 }
    }
  }
  return from
}

/** Where the first line begins that was logged at `since` or later: behind the end when none was. */
export async function sinceTime(parts: readonly LogPart[], from: LogPlace, since: number): Promise<LogPlace> {
  const wanted = new Date(since).toISOString()
  for (let index = from.part; index < parts.length; index += 1) {
    const part = parts[index] as LogPart
    if (part.changed < since) continue
    const first = index === from.part ? from.offset : 0
    // Some bytes more than a block: a line that begins at its end has its time in the next one.
    const bytes = Buffer.allocUnsafe(block + timeLength + 1)
    for (let at = first; at < part.size; at += block) {
      const { bytesRead } = await part.handle.read(bytes, 0, Math.min(bytes.length, part.size - at), at)
      const found = lineSince(bytes.subarray(0, bytesRead), at === first, wanted)
      if (found !== undefined) return { part: index, offset: at + found }
    }
  }
  return endOf(parts)
}

/** Where a line begins in the first block of `bytes` whose time is `wanted` or later. */
function lineSince(bytes: Buffer, beginsLine: boolean, wanted: string): number | undefined {
  let at = beginsLine ? 0 : bytes.indexOf(newline) + 1
  if (at === 0 && !beginsLine) return undefined
  while (at <= block && at < bytes.length) {
    const marked = bytes[at] === startMark ? 1 : 0
    const time = bytes.toString('latin1', at + marked, at + marked + timeLength)
    if (time >= wanted && isTime.test(time)) return at
    const end = bytes.indexOf(newline, at)
    if (end === -1) return undefined
    at = end + 1
  }
  return undefined
}

/** The bytes between two places, block by block, the last first. */
async function* backwards(
  parts: readonly LogPart[],
  from: LogPlace,
  to: LogPlace,
): AsyncGenerator<LogPlace & { readonly bytes: Buffer }> {
  const buffer = Buffer.allocUnsafe(block)
  for (let part = to.part; part >= from.part; part -= 1) {
    const found = parts[part]
    if (found === undefined) return
    const first = part === from.part ? from.offset : 0
    for (let end = part === to.part ? to.offset : found.size; end > first; ) {
      const offset = Math.max(first, end - block)
      const { bytesRead } = await found.handle.read(buffer, 0, end - offset, offset)
      yield { part, offset, bytes: buffer.subarray(0, bytesRead) }
      end = offset
    }
  }
}

const endOf = (parts: readonly LogPart[]): LogPlace => ({ part: parts.length - 1, offset: parts.at(-1)?.size ?? 0 })

const isBefore = (one: LogPlace, other: LogPlace): boolean =>
  one.part < other.part || (one.part === other.part && one.offset < other.offset)
