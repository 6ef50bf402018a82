import type { ArchiveLimits } from '../limits.ts'
import { ArchiveRefused, printable } from './archive-refused.ts'
import { entryPath } from './entry-path.ts'

/** An entry as a tar or zip names it, before anything is believed of it. */
export interface DeclaredEntry {
  readonly name: Uint8Array
  readonly kind: 'file' | 'folder'
  readonly size: number
}

/** What one archive file, with the GAR inside it, has brought so far. */
export class Totals {
  entries = 0
  bytes = 0

  constructor(
    readonly limits: ArchiveLimits,
    /** Bytes of the file as given. */
    private readonly archiveSize: number,
  ) {
    if (archiveSize > limits.archiveSize) {
      throw new ArchiveRefused('DHN_ARCHIVE_TOO_LARGE', { detail: `${archiveSize} bytes`, limit: limits.archiveSize })
    }
  }

  addEntry(): void {
    this.entries += 1
    if (this.entries > this.limits.entries) {
      throw new ArchiveRefused('DHN_ARCHIVE_TOO_MANY_ENTRIES', { limit: this.limits.entries })
    }
  }

  /** Asked before the bytes are read, with the size that the archive declares. */
  addBytes(count: number, entry?: string): void {
    this.bytes += count
    const { unpackedSize, ratio, ratioFrom } = this.limits
    const facts = entry === undefined ? {} : { entry }
    if (this.bytes > unpackedSize) {
      throw new ArchiveRefused('DHN_ARCHIVE_UNPACKED_TOO_LARGE', { ...facts, limit: unpackedSize })
    }
    if (this.bytes > ratioFrom && this.bytes > ratio * this.archiveSize) {
      throw new ArchiveRefused('DHN_ARCHIVE_RATIO', { ...facts, limit: ratio })
    }
  }
}

/**
 * The rules that every entry of a tar and of a zip has to pass before a byte of it is written: one policy for each tree
 * of files that comes into being.
 */
export class EntryPolicy {
  /** By folded path: what is there under that name on any file system. */
  private readonly taken = new Map<string, { readonly path: string; kind: 'file' | 'folder'; named: boolean }>()
  private readonly folders = new Set<string>()
  private rootNamed = false

  constructor(readonly totals: Totals) {}

  /**
   * The path of the entry inside the tree; undefined for the root folder itself (`./`).
   *
   * @throws {ArchiveRefused} it breaks a rule
   */
  admit(entry: DeclaredEntry): string | undefined {
    const { limits } = this.totals
    const path = entryPath(entry.name, entry.kind, limits)
    if (path === undefined) {
      // It makes nothing and so is not counted: without this there could be any number of them.
      if (this.rootNamed) throw new ArchiveRefused('DHN_ARCHIVE_DUPLICATE', { entry: './' })
      this.rootNamed = true
      return undefined
    }
    const parent = path.lastIndexOf('/')
    if (parent !== -1) this.passThrough(path.slice(0, parent), path)
    this.take(path, entry.kind, true)
    if (entry.size > limits.fileSize) {
      throw new ArchiveRefused('DHN_ARCHIVE_FILE_TOO_LARGE', { entry: printable(path), limit: limits.fileSize })
    }
    this.totals.addBytes(entry.size, printable(path))
    return path
  }

  /** Takes each folder on the way to an entry. */
  private passThrough(folder: string, entry: string): void {
    if (this.folders.has(folder)) return
    const above = folder.lastIndexOf('/')
    if (above !== -1) this.passThrough(folder.slice(0, above), entry)
    this.take(folder, 'folder', false)
    this.folders.add(folder)
  }

  private take(path: string, kind: 'file' | 'folder', named: boolean): void {
    const key = folded(path)
    const there = this.taken.get(key)
    if (there === undefined) {
      this.taken.set(key, { path, kind, named })
      this.totals.addEntry()
      return
    }
    if (there.path !== path) {
      const sameText = there.path.normalize('NFC') === path.normalize('NFC')
      throw new ArchiveRefused(sameText ? 'DHN_ARCHIVE_UNICODE_TWIN' : 'DHN_ARCHIVE_CASE_TWIN', {
        entry: printable(path),
        detail: `the other is "${printable(there.path)}"`,
      })
    }
    if (there.kind !== kind) throw new ArchiveRefused('DHN_ARCHIVE_FILE_AND_FOLDER', { entry: printable(path) })
    if (there.named && named) throw new ArchiveRefused('DHN_ARCHIVE_DUPLICATE', { entry: printable(path) })
    there.named ||= named
  }
}

/** Equal for names that one file system or another takes for the same. */
function folded(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(path)) return path.toLowerCase()
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}
