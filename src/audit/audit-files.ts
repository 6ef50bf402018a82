import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

const form = /^audit-(\d{12})\.jsonl$/

export interface AuditFile {
  readonly path: string
  readonly name: string
  /** The number of its first line. */
  readonly first: number
}

export function auditFile(folder: string, first: number): AuditFile {
  const name = `audit-${String(first).padStart(12, '0')}.jsonl`
  return { path: join(folder, name), name, first }
}

/** The files of an audit log, the oldest first; none when there is no such folder. */
export async function auditFiles(folder: string): Promise<readonly AuditFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap((name) => form.exec(name)?.[1] ?? [])
    .map((first) => auditFile(folder, Number(first)))
    .sort((one, other) => one.first - other.first)
}

const newline = 10

/** The lines of a file without their ends, and what stands after the last end: nothing in a whole file. */
export function linesIn(bytes: Buffer): { readonly lines: readonly Buffer[]; readonly rest: Buffer } {
  const lines: Buffer[] = []
  let at = 0
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, at)) {
    lines.push(bytes.subarray(at, end))
    at = end + 1
  }
  return { lines, rest: bytes.subarray(at) }
}
