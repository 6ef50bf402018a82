import type { ArchiveLimits } from '../limits.ts'
import { ArchiveRefused, printable, type RefusalCode } from './archive-refused.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Controls, line ends of Unicode, and the characters that turn the direction of what is shown. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** A longer name than this is refused by every file system in use. */
const segmentLength = 255

/**
 * The path that a name stands for, as plain segments joined by `/`; undefined for the archive's root folder.
 *
 * A leading `./`, as `tar -C folder .` writes it, and the slash at the end of a folder are dropped. Everything else that
 * would have to be changed to become a path inside the archive is refused instead.
 *
 * @throws {ArchiveRefused} it is no path inside the archive, or too long, or too deep
 */
export function entryPath(name: Uint8Array, kind: 'file' | 'folder', limits: ArchiveLimits): string | undefined {
  const refuse = (code: RefusalCode, limit?: number): ArchiveRefused =>
    new ArchiveRefused(code, { entry: printable(name), ...(limit === undefined ? {} : { limit }) })

  let text: string
  try {
    text = utf8.decode(name)
  } catch {
    throw refuse('DHN_ARCHIVE_NAME_ENCODING')
  }
  if (controls.test(text)) throw refuse('DHN_ARCHIVE_CONTROL_CHARACTER')
  if (text.includes('\\')) throw refuse('DHN_ARCHIVE_BACKSLASH')
  if (text.startsWith('/')) throw refuse('DHN_ARCHIVE_ABSOLUTE_PATH')
  if (/^[a-z]:/i.test(text)) throw refuse('DHN_ARCHIVE_DRIVE_PATH')

  if (kind === 'folder' && (text === '.' || text === './')) return undefined
  const inside = text.startsWith('./') ? text.slice(2) : text
  const path = kind === 'folder' && inside.endsWith('/') ? inside.slice(0, -1) : inside
  const segments = path.split('/')
  if (segments.includes('..')) throw refuse('DHN_ARCHIVE_PARENT_PATH')
  if (segments.some((segment) => segment === '' || segment === '.')) throw refuse('DHN_ARCHIVE_EMPTY_SEGMENT')
  if (Buffer.byteLength(path) > limits.pathLength) throw refuse('DHN_ARCHIVE_PATH_TOO_LONG', limits.pathLength)
  if (segments.some((segment) => Buffer.byteLength(segment) > segmentLength)) {
    throw refuse('DHN_ARCHIVE_PATH_TOO_LONG', segmentLength)
  }
  if (segments.length > limits.depth) throw refuse('DHN_ARCHIVE_TOO_DEEP', limits.depth)
  return path
}
