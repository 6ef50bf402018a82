import { readFile } from 'node:fs/promises'
import type { AuditLine } from './audit-entry.ts'
import { auditFiles, linesIn } from './audit-files.ts'
import { chainBegin, digestOf, parseLine } from './chain.ts'

/** What was found when the whole chain was gone through. */
export interface AuditVerification {
  readonly ok: boolean
  readonly files: number
  readonly lines: number
  /** The numbers of the first and the last line that are there; absent in an empty log. */
  readonly first?: number
  readonly last?: number
  /** The digest of the last line: kept elsewhere, it shows later that nothing was cut off at the end. */
  readonly digest?: string
  /** Lines that were torn when the node or the machine stopped, and that the log tells of itself. */
  readonly torn: readonly LinePlace[]
  /** The last line has no end: it is being written, or was torn and the node hasn't started since. */
  readonly unfinished?: LinePlace
  /** The first line at which the chain doesn't hold. */
  readonly broken?: LinePlace & { readonly why: string }
}

export interface LinePlace {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** Goes through the audit log in a folder, line by line, until the chain ends or breaks. */
export async function verifyAudit(folder: string): Promise<AuditVerification> {
  const walk = new Walk()
  const files = await auditFiles(folder)
  for (const [at, { path, name, first }] of files.entries()) {
    const { lines, rest } = linesIn(await readFile(path))
    if (at === 0) walk.beginsAt({ file: name, line: 1 }, first)
    else if (first !== walk.expected)
      walk.breaks({ file: name, line: 1 }, `it begins with line ${first}, not with ${walk.expected}`)
    for (const [index, line] of lines.entries()) {
      walk.line({ file: name, line: index + 1 }, line)
      if (walk.broken !== undefined) return walk.result(files.length)
    }
    const end = { file: name, line: lines.length + 1 }
    if (rest.length > 0 && at < files.length - 1) walk.breaks(end, 'it has no end, and another file follows')
    else if (rest.length > 0) walk.unfinished = end
  }
  return walk.result(files.length)
}

class Walk {
  unfinished: LinePlace | undefined
  broken: AuditVerification['broken']
  readonly #torn: LinePlace[] = []
  #lines = 0
  #first: number | undefined
  #last = 0
  /** The digest that the next line has to carry; undefined: what came before was removed. */
  #digest: string | undefined = chainBegin.digest
  /** Where the log begins whose first lines are gone. */
  #begin: { readonly place: LinePlace; readonly missing: number } | undefined
  /** The last line that the log says it removed. */
  #removedTo = 0
  /** A line that can't be read, until the next one tells of it. */
  #unread: LinePlace | undefined

  get expected(): number {
    return this.#last + 1
  }

  beginsAt(place: LinePlace, first: number): void {
    this.#last = first - 1
    if (first === 1) return
    this.#begin = { place, missing: first - 1 }
    this.#digest = undefined
  }

  breaks(place: LinePlace, why: string): void {
    this.broken ??= { ...place, why }
  }

  line(place: LinePlace, bytes: Buffer): void {
    const line = parseLine(bytes.toString())
    if (this.#digest !== undefined && line !== undefined && line.previous !== this.#digest) {
      this.breaks(place, 'it does not carry the digest of the line before')
    } else if (line === undefined) {
      if (this.#unread !== undefined) this.breaks(this.#unread, 'it can not be read')
      this.#unread = place
    } else {
      this.#take(place, line)
    }
    this.#digest = digestOf(bytes)
    this.#lines += 1
  }

  #take(place: LinePlace, line: AuditLine): void {
    if (line.n !== this.expected) this.breaks(place, `it is line ${line.n}, and ${this.expected} should follow`)
    const isAboutItself = line.kind === 'log' && line.who.via === 'node'
    if (this.#unread !== undefined) {
      if (isAboutItself && line.what === 'torn line') this.#torn.push(this.#unread)
      else this.breaks(this.#unread, 'it can not be read')
      this.#unread = undefined
    }
    if (isAboutItself && line.what === 'lines removed') this.#removedTo = Number(line.facts?.last)
    this.#first ??= line.n
    this.#last = line.n
  }

  result(files: number): AuditVerification {
    if (this.#unread !== undefined) this.breaks(this.#unread, 'it can not be read')
    // The newest line about it is in the newest file.
    if (this.#begin !== undefined && this.#begin.missing > this.#removedTo && this.broken === undefined)
      this.breaks(this.#begin.place, `lines up to ${this.#begin.missing} are gone, and the log did not remove them`)
    const first = this.#first
    return {
      ok: this.broken === undefined,
      files,
      lines: this.#lines,
      ...(first === undefined ? {} : { first, last: this.#last, digest: this.#digest as string }),
      torn: this.#torn,
      ...(this.unfinished === undefined ? {} : { unfinished: this.unfinished }),
      ...(this.broken === undefined ? {} : { broken: this.broken }),
    }
  }
}
