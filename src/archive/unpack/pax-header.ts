import { ArchiveRefused, printable } from './archive-refused.ts'

/** What an extended header says of the entry after it, as far as it means something here. */
export interface PaxOverrides {
  readonly path?: Uint8Array
  readonly size?: number
}

/** Keys that say nothing about what is unpacked where. */
const harmless = /^(atime|mtime|ctime|uid|gid|uname|gname|comment|SCHILY\.(?!realsize$).+|LIBARCHIVE\..+|RHT\..+)$/

/**
 * Reads the records of an extended header (POSIX pax: `<length> <key>=<value>\n`).
 *
 * Only `path` and `size` are listened to, and only in the header of one entry: a global header may set neither. Keys that
 * could make one reader see another archive than the next one are refused.
 *
 * @throws {ArchiveRefused} a record is malformed, repeated, or of a kind that is refused
 */
export function readPaxHeader(bytes: Buffer, scope: 'entry' | 'global'): PaxOverrides {
  const refuse = (detail: string): ArchiveRefused => new ArchiveRefused('DHN_ARCHIVE_PAX_HEADER', { detail })
  const overrides: { path?: Uint8Array; size?: number } = {}
  const seen = new Set<string>()
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const digits = space === -1 || space - at > 10 ? '' : bytes.toString('latin1', at, space)
    if (!/^[1-9][0-9]*$/.test(digits)) throw refuse('the length of a record')
    const end = at + Number(digits)
    const equals = bytes.indexOf(0x3d, space)
    if (end > bytes.length || bytes[end - 1] !== 0x0a || equals === -1 || equals >= end) {
      throw refuse('a record that does not end where it says')
    }
    const key = bytes.toString('utf8', space + 1, equals)
    const value = bytes.subarray(equals + 1, end - 1)
    at = end

    if (seen.has(key)) throw refuse(`${printable(key)} twice`)
    seen.add(key)
    if (harmless.test(key)) continue
    if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize') throw new ArchiveRefused('DHN_ARCHIVE_SPARSE')
    if (key === 'linkpath') throw new ArchiveRefused('DHN_ARCHIVE_LINK', { detail: 'in an extended tar header' })
    if (key === 'hdrcharset' || key === 'charset') {
      if (value.toString('latin1') === 'ISO-IR 10646 2000 UTF-8') continue
      throw refuse('a character set other than UTF-8')
    }
    if (scope === 'global' || (key !== 'path' && key !== 'size')) throw refuse(printable(key))
    if (key === 'path') {
      if (value.length === 0) throw refuse('an empty path')
      overrides.path = value
    } else {
      const size = value.toString('latin1')
      if (!/^(0|[1-9][0-9]{0,14})$/.test(size)) throw refuse('size')
      overrides.size = Number(size)
    }
  }
  return overrides
}
