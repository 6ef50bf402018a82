import { createHash } from 'node:crypto'
import type { AuditEntry, AuditLine } from './audit-entry.ts'

/** Where the next line goes. */
export interface ChainEnd {
  /** The number of the last line; 0 before the first. */
  readonly n: number
  /** The digest of the last line. */
  readonly digest: string
}

/** Before the first line. */
export const chainBegin: ChainEnd = { n: 0, digest: '0'.repeat(64) }

/** SHA-256 of a line without its end, in hex. */
export const digestOf = (line: string | Uint8Array): string => createHash('sha256').update(line).digest('hex')

/** Longest text of one field: much of it comes from callers. */
const longest = 1000

/** The line, without its end, that follows `end`. */
export function nextLine(end: ChainEnd, entry: AuditEntry, at: string): string {
  const line = { n: end.n + 1, at, ...entry, previous: end.digest }
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === 'string' && value.length > longest ? `${value.slice(0, longest)}…` : value,
  )
}

/** Undefined: it isn't a whole line of this log. */
export function parseLine(text: string): AuditLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<AuditLine> | null
    const isWhole = Number.isSafeInteger(line?.n) && typeof line?.previous === 'string' && typeof line.at === 'string'
    return isWhole && typeof line.who === 'object' ? (line as AuditLine) : undefined
  } catch {
    return undefined
  }
}
