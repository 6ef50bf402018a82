import { crc32 } from 'node:zlib'
import type { ArchiveFile } from './archive-file.ts'
import { ArchiveRefused } from './archive-refused.ts'
import { inflate } from './inflate.ts'

const trailerLength = 8
const flags = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 }
/** No packer writes a name, comment or extra field that comes near to this. */
const longestHeader = 64 * 1024

/**
 * Unpacks a gzip file (RFC 1952) of exactly one member.
 *
 * Several members after one another are allowed by the RFC, but no packer of archives writes them, and readers disagree
 * about what follows the first one: a second member is refused like any other data after the end.
 *
 * @throws {ArchiveRefused} it is not whole, its checksum or length is wrong, or something follows it
 */
export async function gunzip(file: ArchiveFile, take: (chunk: Buffer) => void): Promise<void> {
  const start = headerLength(file.read(0, Math.min(file.size, longestHeader)))
  let sum = 0
  let length = 0
  const consumed = await inflate(file, start, file.size, (chunk) => {
    sum = crc32(chunk, sum)
    length += chunk.length
    take(chunk)
  })
  const end = start + consumed
  const trailer = file.read(end, trailerLength)
  if (trailer.readUInt32LE(0) !== sum) throw new ArchiveRefused('DHN_ARCHIVE_CHECKSUM', { detail: 'gzip CRC-32' })
  if (trailer.readUInt32LE(4) !== length % 2 ** 32) {
    throw new ArchiveRefused('DHN_ARCHIVE_CHECKSUM', { detail: 'gzip length' })
  }
  if (end + trailerLength !== file.size) {
    throw new ArchiveRefused('DHN_ARCHIVE_TRAILING_DATA', {
      detail: `${file.size - end - trailerLength} bytes after the gzip data`,
    })
  }
}

/** RFC 1952, 2.3: the fixed part, then the fields that the flags announce. */
function headerLength(head: Buffer): number {
  const need = (length: number): number => {
    if (length <= head.length) return length
    throw head.length === longestHeader
      ? new ArchiveRefused('DHN_ARCHIVE_GZIP_HEADER', { detail: 'too long' })
      : new ArchiveRefused('DHN_ARCHIVE_TRUNCATED', { detail: 'in the gzip header' })
  }
  const pastNul = (from: number): number => {
    const nul = head.indexOf(0, from)
    return need(nul === -1 ? head.length + 1 : nul + 1)
  }
  need(10)
  const set = head.readUInt8(3)
  if (head.readUInt8(2) !== 8 || (set & flags.reserved) !== 0) throw new ArchiveRefused('DHN_ARCHIVE_GZIP_HEADER')
  let at = 10
  if (set & flags.extra) at = need(need(at + 2) + head.readUInt16LE(at))
  if (set & flags.name) at = pastNul(at)
  if (set & flags.comment) at = pastNul(at)
  if (set & flags.headerChecksum) {
    const end = need(at + 2)
    if (head.readUInt16LE(at) !== (crc32(head.subarray(0, at)) & 0xffff)) {
      throw new ArchiveRefused('DHN_ARCHIVE_CHECKSUM', { detail: 'gzip header' })
    }
    at = end
  }
  return at
}
