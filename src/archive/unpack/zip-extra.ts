import { ArchiveRefused, printable } from './archive-refused.ts'

const zip64 = 0x0001
const unicodePath = 0x7075
/** A field that says: look into the zip64 extra field. */
export const saturated = 0xffffffff

export interface ZipSizes {
  readonly size: number
  readonly compressedSize: number
  readonly offset: number
}

/**
 * The zip64 extra field of an entry, if it has one.
 *
 * @throws {ArchiveRefused} the extra fields don't fit, there are two of zip64, or one gives the entry another name
 */
export function readExtra(bytes: Buffer, name: Buffer): Buffer | undefined {
  let found: Buffer | undefined
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 > bytes.length ? Number.NaN : at + 4 + bytes.readUInt16LE(at + 2)
    if (!(end <= bytes.length)) {
      throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { entry: printable(name), detail: 'extra fields' })
    }
    const content = bytes.subarray(at + 4, end)
    const id = bytes.readUInt16LE(at)
    at = end
    if (id === zip64) {
      if (found !== undefined)
        throw new ArchiveRefused('DHN_ARCHIVE_ZIP64', { entry: printable(name), detail: 'twice' })
      found = content
    }
    // Info-ZIP: a version, a checksum, and the name in UTF-8, which some readers prefer.
    if (id === unicodePath && !content.subarray(5).equals(name)) {
      throw new ArchiveRefused('DHN_ARCHIVE_ZIP_MISMATCH', { entry: printable(name), detail: 'a second name' })
    }
  }
  return found
}

/**
 * The sizes of a directory entry, with the saturated ones replaced out of its zip64 field (APPNOTE 4.5.3), which has to
 * hold exactly these.
 */
export function sizesIn(extra: Buffer | undefined, declared: ZipSizes, name: Buffer): ZipSizes {
  const wide = (['size', 'compressedSize', 'offset'] as const).filter((field) => declared[field] === saturated)
  if ((extra?.length ?? 0) !== wide.length * 8)
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP64', { entry: printable(name) })
  const replaced = wide.map((field, i) => [field, safeNumber((extra as Buffer).readBigUInt64LE(i * 8))] as const)
  return { ...declared, ...Object.fromEntries(replaced) }
}

export function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ArchiveRefused('DHN_ARCHIVE_ZIP64', { detail: String(value) })
  return Number(value)
}
