import type { ArchiveFile } from './archive-file.ts'
import { ArchiveRefused, printable } from './archive-refused.ts'
import type { Totals } from './entry-policy.ts'
import { findZipEnd } from './zip-end.ts'
import { readExtra, sizesIn } from './zip-extra.ts'

/** An entry as the zip's central directory declares it. */
export interface ZipEntry {
  readonly name: Buffer
  readonly kind: 'file' | 'folder'
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
}

export interface ZipDirectory {
  /** In the order in which they lie in the file. */
  readonly entries: readonly ZipEntry[]
  /** Where the entries end and the directory begins. */
  readonly start: number
}

const signature = 0x02014b50
const fixedLength = 46
/** Names, extra fields and comments of as many entries as a node accepts are far from this. */
const largestDirectory = 32 * 1024 * 1024

const flag = { encrypted: 0x1, patched: 0x20, strongEncryption: 0x40, masked: 0x2000 }

/**
 * Reads the directory of a zip file (APPNOTE 6.3, 4.3.12).
 *
 * @throws {ArchiveRefused} it is not exactly where the file's end says, or has an entry of a kind that is refused
 */
export function readZipDirectory(file: ArchiveFile, totals: Totals): ZipDirectory {
  const end = findZipEnd(file)
  if (end.entries > totals.limits.entries) {
    throw new ArchiveRefused('DHN_ARCHIVE_TOO_MANY_ENTRIES', { limit: totals.limits.entries })
  }
  if (end.directorySize > largestDirectory) {
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'a directory of more than 32 MiB' })
  }
  const bytes = file.read(end.directoryStart, end.directorySize)
  const entries: ZipEntry[] = []
  let at = 0
  for (let i = 0; i < end.entries; i += 1) {
    const { entry, length } = readEntry(bytes, at)
    entries.push(entry)
    at += length
  }
  if (at !== bytes.length) {
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'the directory holds more than its entries' })
  }
  entries.sort((a, b) => a.offset - b.offset)
  return { entries, start: end.directoryStart }
}

function readEntry(bytes: Buffer, at: number): { entry: ZipEntry; length: number } {
  if (at + fixedLength > bytes.length || bytes.readUInt32LE(at) !== signature) {
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'the directory holds less than its entries' })
  }
  const nameEnd = at + fixedLength + bytes.readUInt16LE(at + 28)
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
  const entryEnd = extraEnd + bytes.readUInt16LE(at + 32)
  if (entryEnd > bytes.length) {
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'an entry reaches over the end of the directory' })
  }
  const name = bytes.subarray(at + fixedLength, nameEnd)
  const extra = readExtra(bytes.subarray(nameEnd, extraEnd), name)
  const declared = {
    size: bytes.readUInt32LE(at + 24),
    compressedSize: bytes.readUInt32LE(at + 20),
    offset: bytes.readUInt32LE(at + 42),
  }
  const sizes = sizesIn(extra, declared, name)
  const flags = bytes.readUInt16LE(at + 8)
  const method = bytes.readUInt16LE(at + 10)
  const folder = name.at(-1) === 0x2f
  const entry = printable(name)
  if ((flags & (flag.encrypted | flag.strongEncryption | flag.masked)) !== 0) {
    throw new ArchiveRefused('DHN_ARCHIVE_ENCRYPTED', { entry })
  }
  if ((flags & flag.patched) !== 0 || (method !== 0 && method !== 8)) {
    throw new ArchiveRefused('DHN_ARCHIVE_METHOD', { entry, detail: `method ${method}` })
  }
  if (bytes.readUInt16LE(at + 34) !== 0) throw new ArchiveRefused('DHN_ARCHIVE_MULTI_DISK', { entry })
  checkMode(bytes.readUInt32LE(at + 38) >>> 16, folder, entry)
  if (method === 0 && sizes.size !== sizes.compressedSize) {
    throw new ArchiveRefused('DHN_ARCHIVE_SIZE_MISMATCH', { entry, detail: 'stored, but with two sizes' })
  }
  if (folder && sizes.size !== 0) {
    throw new ArchiveRefused('DHN_ARCHIVE_SIZE_MISMATCH', { entry, detail: 'a folder with content' })
  }
  return {
    entry: { name, kind: folder ? 'folder' : 'file', flags, method, crc: bytes.readUInt32LE(at + 16), ...sizes },
    length: entryEnd - at,
  }
}

/** The file type of a Unix mode; zips made elsewhere have none. */
function checkMode(mode: number, folder: boolean, entry: string): void {
  const type = mode & 0xf000
  if (type === 0 || type === (folder ? 0x4000 : 0x8000)) return
  if (type === 0xa000) throw new ArchiveRefused('DHN_ARCHIVE_LINK', { entry })
  if ([0x1000, 0x2000, 0x6000, 0xc000].includes(type)) throw new ArchiveRefused('DHN_ARCHIVE_SPECIAL_FILE', { entry })
  throw new ArchiveRefused('DHN_ARCHIVE_ENTRY_TYPE', { entry, detail: `mode ${mode.toString(8)}` })
}
