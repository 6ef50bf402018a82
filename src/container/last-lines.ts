import { open } from 'node:fs/promises'

const chunk = 64 * 1024
const mostBytes = 1024 * 1024

/**
 * The last `lines` lines of a text file, oldest first, read from its end: at most 1 MiB of it, however long it is.
 * A file that isn't there has none. What stands before the byte `from` isn't looked at.
 */
export async function lastLines(file: string, lines: number, from = 0): Promise<readonly string[]> {
  if (lines <= 0) return []
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return []
  try {
    const { size } = await handle.stat()
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
    const all = tail.toString('utf8').split('\n')
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
