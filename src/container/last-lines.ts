import { open } from 'node:fs/promises'
import { filesAside } from '../logs/log-files.ts'
import { startMark } from '../logs/log-policy.ts'

const chunk = 64 * 1024
const mostBytes = 1024 * 1024

const mark = String.fromCharCode(startMark)

/**
 * The last `lines` lines of a log, oldest first, read from its end: at most 1 MiB of each of its files, however long it is.
 * A log that isn't there has none. What stands before the byte `from` of the growing file isn't looked at, nor is any other.
 */
export async function lastLines(log: string, lines: number, from = 0): Promise<readonly string[]> {
  let found = await lastLinesOf(log, lines, from)
  if (from > 0 || found.length === 0) return found
  for (const file of filesAside(log).toReversed()) {
    if (found.length >= lines) break
    found = [...(await lastLinesOf(file, lines - found.length, 0)), ...found]
  }
  return found
}

async function lastLinesOf(file: string, lines: number, begin: number): Promise<readonly string[]> {
  if (lines <= 0) return []
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return []
  try {
    const { size } = await handle.stat()
    // A file that is shorter than it was is another one.
    const from = size < begin ? 0 : begin
    let start = size
    let tail = Buffer.alloc(0)
    // One line end more than lines: the one before the first line wanted.
    while (start > from && size - start < mostBytes && count(tail) <= lines) {
      const length = Math.min(chunk, start - from)
      start -= length
      const part = Buffer.alloc(length)
      const { bytesRead } = await handle.read(part, 0, length, start)
      tail = Buffer.concat([part.subarray(0, bytesRead), tail])
    }
    const all = tail.toString('utf8').replaceAll(mark, '').split('\n')
    if (all.at(-1) === '') all.pop()
    const whole = start > from && all.length > 1 ? all.slice(1) : all
    return whole.slice(-lines)
  } finally {
    await handle.close()
  }
}

function count(bytes: Buffer): number {
  let found = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) found += 1
  return found
}
