import type { ArchiveFile } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { safeNumber, saturated } from './zip-extra.ts'

export interface ZipEnd {
  readonly entries: number
  readonly directoryStart: number
  readonly directorySize: number
}

const endSignature = Buffer.from('PK\x05\x06', 'latin1')
const endLength = 22
const longestComment = 0xffff
const locatorSignature = 0x07064b50
const locatorLength = 20
const zip64Signature = 0x06064b50
const zip64Length = 56

/**
 * Finds the end record of a zip file, which has to be its very end, and the directory, which has to lie right before it.
 *
 * @throws {ArchiveRefused} there is none, there are several, or the records say something else than what lies there
 */
export function findZipEnd(file: ArchiveFile): ZipEnd {
  const tailStart = Math.max(0, file.size - endLength - longestComment)
  const tail = file.read(tailStart, file.size - tailStart)
  const at = positionOfEnd(tail)
  const record = tail.subarray(at)
  const [disk, directoryDisk] = [record.readUInt16LE(4), record.readUInt16LE(6)]
  const [entriesHere, entries] = [record.readUInt16LE(8), record.readUInt16LE(10)]
  const narrow = { entries, directorySize: record.readUInt32LE(12), directoryStart: record.readUInt32LE(16) }
  const position = tailStart + at

  const wide = readZip64(file, position)
  const several = wide === undefined ? disk !== 0 || directoryDisk !== 0 : ![0, 0xffff].includes(disk)
  if (several || entriesHere !== entries) throw new ArchiveRefused('DHN_ARCHIVE_MULTI_DISK')
  if (wide === undefined) return checked(narrow, position)
  const agree =
    [wide.entries, 0xffff].includes(narrow.entries) &&
    [wide.directorySize, saturated].includes(narrow.directorySize) &&
    [wide.directoryStart, saturated].includes(narrow.directoryStart)
  if (!agree) throw new ArchiveRefused('DHN_ARCHIVE_ZIP64', { detail: 'its end record says something else' })
  return checked(wide, position - locatorLength - zip64Length)
}

/** Where in the file's tail the end record begins: its comment has to reach to the last byte. */
function positionOfEnd(tail: Buffer): number {
  const candidates: number[] = []
  for (
    let at = tail.lastIndexOf(endSignature);
    at !== -1;
    at = at === 0 ? -1 : tail.lastIndexOf(endSignature, at - 1)
  ) {
    candidates.push(at)
  }
  const ends = candidates.map((at) =>
    at + endLength > tail.length ? Infinity : at + endLength + tail.readUInt16LE(at + 20),
  )
  const exact = candidates.filter((_, i) => ends[i] === tail.length)
  const [only, another] = exact
  if (another !== undefined) throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'two end records' })
  if (only !== undefined) return only
  if (ends.some((end) => end < tail.length)) {
    throw new ArchiveRefused('DHN_ARCHIVE_TRAILING_DATA', { detail: 'after the end record of the zip' })
  }
  throw new ArchiveRefused('DHN_ARCHIVE_TRUNCATED', { detail: 'no end record of a zip' })
}

function readZip64(file: ArchiveFile, end: number): ZipEnd | undefined {
  if (end < locatorLength) return undefined
  const locator = file.read(end - locatorLength, locatorLength)
  if (locator.readUInt32LE(0) !== locatorSignature) return undefined
  const refuse = (detail: string): ArchiveRefused => new ArchiveRefused('DHN_ARCHIVE_ZIP64', { detail })
  const position = end - locatorLength - zip64Length
  if (position < 0 || safeNumber(locator.readBigUInt64LE(8)) !== position) throw refuse('where its end record lies')
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1) throw new ArchiveRefused('DHN_ARCHIVE_MULTI_DISK')
  const record = file.read(position, zip64Length)
  if (record.readUInt32LE(0) !== zip64Signature || record.readBigUInt64LE(4) !== BigInt(zip64Length - 12)) {
    throw refuse('its end record')
  }
  const entries = safeNumber(record.readBigUInt64LE(32))
  if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) throw new ArchiveRefused('DHN_ARCHIVE_MULTI_DISK')
  if (safeNumber(record.readBigUInt64LE(24)) !== entries) throw new ArchiveRefused('DHN_ARCHIVE_MULTI_DISK')
  return {
    entries,
    directorySize: safeNumber(record.readBigUInt64LE(40)),
    directoryStart: safeNumber(record.readBigUInt64LE(48)),
  }
}

function checked(end: ZipEnd, directoryEnd: number): ZipEnd {
  if (end.directoryStart + end.directorySize === directoryEnd) return end
  throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'the directory is not where the end record says' })
}
