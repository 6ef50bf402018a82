import type { ArchiveFile } from './archive-file.ts'
import { ArchiveRefused, printable } from './archive-refused.ts'
import type { ZipEntry } from './zip-directory.ts'
import { readExtra, safeNumber, saturated } from './zip-extra.ts'

export interface LocalHeader {
  readonly dataStart: number
  /** Checksum and sizes follow the data. */
  readonly hasDescriptor: boolean
}

const signature = 0x04034b50
const fixedLength = 30
const descriptorFlag = 0x8
const descriptorSignature = 0x08074b50

/**
 * Reads the header before an entry's data and holds it against the directory: readers that go by one must not see another
 * file than those that go by the other.
 *
 * @throws {ArchiveRefused} they differ
 */
export function readLocalHeader(file: ArchiveFile, entry: ZipEntry, end: number): LocalHeader {
  const shown = printable(entry.name)
  const refuse = (detail: string): ArchiveRefused =>
    new ArchiveRefused('DHN_ARCHIVE_ZIP_MISMATCH', { entry: shown, detail })

  if (entry.offset + fixedLength > end) throw new ArchiveRefused('DHN_ARCHIVE_ZIP_OVERLAP', { entry: shown })
  const fixed = file.read(entry.offset, fixedLength)
  if (fixed.readUInt32LE(0) !== signature) throw refuse('no local header')
  const [nameLength, extraLength] = [fixed.readUInt16LE(26), fixed.readUInt16LE(28)]
  const dataStart = entry.offset + fixedLength + nameLength + extraLength
  if (dataStart > end) throw new ArchiveRefused('DHN_ARCHIVE_ZIP_OVERLAP', { entry: shown })
  const variable = file.read(entry.offset + fixedLength, nameLength + extraLength)
  if (!variable.subarray(0, nameLength).equals(entry.name)) throw refuse('name')
  if (fixed.readUInt16LE(6) !== entry.flags) throw refuse('flags')
  if (fixed.readUInt16LE(8) !== entry.method) throw refuse('method')

  const hasDescriptor = (entry.flags & descriptorFlag) !== 0
  const wide = readExtra(variable.subarray(nameLength), entry.name)
  const sizes = { size: fixed.readUInt32LE(22), compressedSize: fixed.readUInt32LE(18) }
  if (sizes.size === saturated || sizes.compressedSize === saturated) {
    // APPNOTE 4.5.3: in a local header the zip64 field holds both sizes, the unpacked one first.
    if (wide?.length !== 16) throw new ArchiveRefused('DHN_ARCHIVE_ZIP64', { entry: shown })
    if (sizes.size === saturated) sizes.size = safeNumber(wide.readBigUInt64LE(0))
    if (sizes.compressedSize === saturated) sizes.compressedSize = safeNumber(wide.readBigUInt64LE(8))
  }
  const declared = { crc: fixed.readUInt32LE(14), ...sizes }
  for (const field of ['crc', 'size', 'compressedSize'] as const) {
    // With a data descriptor the header may leave them at zero.
    if (declared[field] !== entry[field] && !(hasDescriptor && declared[field] === 0)) throw refuse(field)
  }
  return { dataStart, hasDescriptor }
}

/** APPNOTE 4.3.9: with or without a signature, sizes of 4 or (zip64) 8 bytes. */
export function dataDescriptorMatches(bytes: Buffer, entry: ZipEntry): boolean {
  const signed = bytes.length === 16 || bytes.length === 24
  if (signed && bytes.readUInt32LE(0) !== descriptorSignature) return false
  const fields = signed ? bytes.subarray(4) : bytes
  if (fields.length === 12) {
    return (
      fields.readUInt32LE(0) === entry.crc &&
      fields.readUInt32LE(4) === entry.compressedSize &&
      fields.readUInt32LE(8) === entry.size
    )
  }
  return (
    fields.length === 20 &&
    fields.readUInt32LE(0) === entry.crc &&
    fields.readBigUInt64LE(4) === BigInt(entry.compressedSize) &&
    fields.readBigUInt64LE(12) === BigInt(entry.size)
  )
}
