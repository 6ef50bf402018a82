import { open } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { AuditLine } from './audit-entry.ts'
import { auditFiles, linesIn } from './audit-files.ts'
import { parseLine } from './chain.ts'

/** Which entries are wanted; texts are looked for anywhere in a field, whatever the case. */
export interface AuditWish {
  /** ms since 1970. */
  readonly since?: number
  /** In the name, user, group, VO, user id or address. */
  readonly who?: string
  /** The last so many of what else is wanted; absent or 0: all. */
  readonly lines?: number
  /** In what was asked for, its target, the code, the outcome or an id. */
  readonly what?: string
}

/** ms between two looks for what was added. */
const interval = 500
/** Bytes read at a time. */
const piece = 1024 * 1024

/**
 * The entries of the audit log in a folder, the oldest first; lines that can't be read are passed over.
 *
 * @param ended given: it goes on with what is added from now on, until this is aborted
 */
export async function* readAudit(folder: string, wish: AuditWish, ended?: AbortSignal): AsyncGenerator<AuditLine> {
  const isWanted = filterOf(wish)
  let from = { name: '', offset: 0 }
  // Only what is there already is cut to its last lines.
  const { lines = 0 } = wish
  let last: AuditLine[] | undefined = lines === 0 ? undefined : []
  for (;;) {
    for (const { path, name } of await auditFiles(folder)) {
      if (name < from.name) continue
      if (name !== from.name) from = { name, offset: 0 }
      for await (const { line, end } of linesFrom(path, from.offset)) {
        from = { name, offset: end }
        if (line === undefined || !isWanted(line)) continue
        if (last === undefined) yield line
        else if (last.push(line) > 2 * lines) last = last.slice(-lines)
      }
    }
    if (last !== undefined) yield* last.slice(-lines)
    last = undefined
    if (ended === undefined || ended.aborted) return
    await pause(interval, undefined, { signal: ended }).catch(() => undefined)
  }
}

/** The whole lines after `offset`, each with the offset of its end; undefined for one that can't be read. */
async function* linesFrom(
  path: string,
  offset: number,
): AsyncGenerator<{ readonly line: AuditLine | undefined; readonly end: number }> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    // Removed since it was seen.
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (handle === undefined) return
  try {
    let at = offset
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(piece), 0, piece, at + rest.length)
      if (bytesRead === 0) return
      const found = linesIn(Buffer.concat([rest, buffer.subarray(0, bytesRead)]))
      for (const bytes of found.lines) {
        at += bytes.length + 1
        yield { line: parseLine(bytes.toString()), end: at }
      }
      rest = found.rest
    }
  } finally {
    await handle.close()
  }
}

function filterOf({ since, who, what }: AuditWish): (line: AuditLine) => boolean {
  const [person, thing] = [who?.toLowerCase(), what?.toLowerCase()]
  const has = (text: string, ...fields: readonly (string | number | undefined)[]): boolean =>
    fields.some((field) => field !== undefined && String(field).toLowerCase().includes(text))
  return ({ at, who: by, what: done, target, from, code, outcome, request, operation }) =>
    (since === undefined || Date.parse(at) >= since) &&
    (person === undefined || has(person, by.dn, by.claimed, by.username, by.group, by.vo, by.uid, from)) &&
    (thing === undefined || has(thing, done, target, code, outcome, request, operation))
}
