import { type FileHandle, mkdir, open, stat, unlink } from 'node:fs/promises'
import { failpoint } from '../store/failpoint.ts'
import type { AuditEntry } from './audit-entry.ts'
import { type AuditFile, auditFile, auditFiles } from './audit-files.ts'
import { type ChainEnd, digestOf, nextLine } from './chain.ts'
import { AuditUnavailable } from './errors.ts'
import { findEnd } from './find-end.ts'

export interface AuditPolicy {
  /** Bytes: a file that has grown to this is closed, and the chain goes on in another. */
  readonly fileSize: number
  /** Bytes of all files together: the oldest go first, and the log says so. */
  readonly keptSize: number
}

interface Waiting {
  readonly entry: AuditEntry
  readonly at: string
  /** Absent: nobody waits for it. */
  readonly written?: { resolve(): void; reject(error: unknown): void }
}

interface Writing {
  readonly handle: FileHandle
  readonly file: AuditFile
  size: number
  end: ChainEnd
}

/** Entries nobody waits for that are kept while the disk is slow or full. */
const mostNoted = 1000

/**
 * The audit log of a node: lines of JSON that only grow, each with the digest of the one before, in files for their owner alone.
 * One process writes. What comes while a write is under way is written together with the next.
 */
export class AuditLog {
  readonly #waiting: Waiting[] = []
  #noted = 0
  #lost = 0
  #writing: Writing | undefined
  #turn: Promise<void> | undefined

  constructor(
    private readonly folder: string,
    private readonly policy: AuditPolicy,
  ) {}

  /** Resolves when the entry is on the disk. @throws {AuditUnavailable} it isn't in the log, or can't be relied on to be */
  record(entry: AuditEntry): Promise<void> {
    return new Promise((resolve, reject) => this.#add({ entry, at: now(), written: { resolve, reject } }))
  }

  /** Written soon. What the disk has no room for is counted, and the count is written once there is room again. */
  note(entry: AuditEntry): void {
    if (this.#noted >= mostNoted) {
      this.#lost += 1
      return
    }
    this.#noted += 1
    this.#add({ entry, at: now() })
  }

  /** Writes what is waiting, and lets go of the file. */
  async close(): Promise<void> {
    while (this.#turn !== undefined) await this.#turn
    await this.#letGo()
  }

  #add(one: Waiting): void {
    this.#waiting.push(one)
    this.#turn ??= this.#write()
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    // What is asked for at the same time is written together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      const noted = batch.filter(({ written }) => written === undefined)
      this.#noted -= noted.length
      try {
        await this.#append(batch)
        for (const { written } of batch) written?.resolve()
      } catch (error) {
        // How much of it was written is seen when the file is opened anew.
        await this.#letGo().catch(() => undefined)
        this.#lost += noted.length
        const unavailable = new AuditUnavailable(this.folder, (error as Error).message, { cause: error })
        for (const { written } of batch) written?.reject(unavailable)
      }
    }
    this.#turn = undefined
  }

  async #append(batch: readonly Waiting[]): Promise<void> {
    const writing = await this.#roomFor()
    const lost = this.#lost
    const told = lost > 0 ? [{ entry: lostEntry(lost), at: now() }] : []
    const lines: string[] = []
    let { end } = writing
    for (const { entry, at } of [...told, ...batch]) {
      const line = nextLine(end, entry, at)
      lines.push(`${line}\n`)
      end = { n: end.n + 1, digest: digestOf(line) }
    }
    const bytes = Buffer.from(lines.join(''))
    await failpoint('audit.write')
    await writeWhole(writing.handle, bytes)
    if (batch.some(({ written }) => written !== undefined)) await writing.handle.datasync()
    await failpoint('audit.written')
    writing.end = end
    writing.size += bytes.length
    this.#lost -= lost
  }

  /** The file to write to: the one in hand, the one that was left, or a new one. */
  async #roomFor(): Promise<Writing> {
    const writing = this.#writing ?? (await this.#goOn())
    this.#writing = writing
    if (writing.size < this.policy.fileSize) return writing
    await writing.handle.close()
    this.#writing = undefined
    this.#writing = await this.#begin(writing.end)
    await this.#removeOldest(this.#writing)
    return this.#writing
  }

  async #goOn(): Promise<Writing> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const found = await findEnd(await auditFiles(this.folder))
    if (found.file === undefined) return this.#begin(found.end)
    const handle = await open(found.file.path, 'a', 0o600)
    const writing = { handle, file: found.file, size: found.size, end: found.end }
    this.#writing = writing
    if (found.mend !== '') await writeWhole(handle, Buffer.from(found.mend))
    for (const entry of found.tell) await this.#tell(writing, entry)
    return writing
  }

  async #begin(end: ChainEnd): Promise<Writing> {
    const file = auditFile(this.folder, end.n + 1)
    const handle = await open(file.path, 'ax', 0o600)
    const folder = await open(this.folder)
    await folder.sync().finally(() => folder.close())
    return { handle, file, size: 0, end }
  }

  /** Says first which lines go. */
  async #removeOldest(writing: Writing): Promise<void> {
    const files = await auditFiles(this.folder)
    const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size))
    let whole = sizes.reduce((sum, size) => sum + size, this.policy.fileSize)
    for (const [at, file] of files.entries()) {
      const next = files[at + 1]
      if (next === undefined || whole <= this.policy.keptSize) return
      await this.#tell(writing, removed(file, next.first - 1))
      await unlink(file.path)
      whole -= sizes[at] ?? 0
    }
  }

  async #tell(writing: Writing, entry: AuditEntry): Promise<void> {
    const line = nextLine(writing.end, entry, now())
    const bytes = Buffer.from(`${line}\n`)
    await writeWhole(writing.handle, bytes)
    await writing.handle.datasync()
    writing.end = { n: writing.end.n + 1, digest: digestOf(line) }
    writing.size += bytes.length
  }

  async #letGo(): Promise<void> {
    const writing = this.#writing
    this.#writing = undefined
    await writing?.handle.close()
  }
}

const now = (): string => new Date().toISOString()

/** A full disk takes a part. */
async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
}

const itself = { kind: 'log', who: { via: 'node' }, outcome: 'noted' } as const

const lostEntry = (count: number): AuditEntry => ({ ...itself, what: 'refusals not written', count })

const removed = ({ first }: AuditFile, last: number): AuditEntry => ({
  ...itself,
  what: 'lines removed',
  facts: { first, last },
})
