import { readFile } from 'node:fs/promises'
import type { AuditEntry } from './audit-entry.ts'
import { type AuditFile, linesIn } from './audit-files.ts'
import { type ChainEnd, chainBegin, digestOf, parseLine } from './chain.ts'

/** How a log that was left goes on. */
export interface FoundEnd {
  readonly end: ChainEnd
  /** Absent: there is none yet. */
  readonly file?: AuditFile
  /** Bytes of the file, once `mend` was added. */
  readonly size: number
  /** What has to be added first: the end of a last line that has none. */
  readonly mend: string
  /** What the log has to say about it: a line that was torn when the process or the machine stopped. */
  readonly tell: readonly AuditEntry[]
}

/**
 * Where a log goes on that was left at any moment. Nothing that is written is taken away: a torn last line stays, as a link
 * of the chain that the next line tells of.
 */
export async function findEnd(files: readonly AuditFile[]): Promise<FoundEnd> {
  const file = files.at(-1)
  if (file === undefined) return { end: chainBegin, size: 0, mend: '', tell: [] }
  const bytes = await readFile(file.path)
  const { lines, rest } = linesIn(bytes)
  // Begun and nothing written: it goes on from the file before.
  if (bytes.length === 0) {
    const before = await findEnd(files.slice(0, -1))
    return { ...before, file, size: 0, mend: '' }
  }
  const written = rest.length === 0 ? lines : [...lines, rest]
  const mend = rest.length === 0 ? '' : '\n'
  const last = written.at(-1) as Buffer
  const whole = written.findLast((line) => parseLine(line.toString()) !== undefined)
  const n = whole === undefined ? file.first - 1 : (parseLine(whole.toString())?.n as number)
  const end = { n, digest: digestOf(last) }
  const tell = whole === last ? [] : [torn(last.length)]
  return { end, file, size: bytes.length + mend.length, mend, tell }
}

const torn = (bytes: number): AuditEntry => ({
  kind: 'log',
  who: { via: 'node' },
  what: 'torn line',
  outcome: 'noted',
  facts: { bytes },
})
