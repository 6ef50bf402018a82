import { DhnError } from '../../service/errors.ts'

/** Why an archive is refused: each kind of reason with its code. */
const reasons = {
  // What an entry is called
  DHN_ARCHIVE_ABSOLUTE_PATH: 'has an absolute path',
  DHN_ARCHIVE_PARENT_PATH: 'has ".." in its path',
  DHN_ARCHIVE_DRIVE_PATH: 'has a drive letter in its path',
  DHN_ARCHIVE_BACKSLASH: 'has a backslash in its path',
  DHN_ARCHIVE_CONTROL_CHARACTER: 'has a control character in its path',
  DHN_ARCHIVE_EMPTY_SEGMENT: 'has an empty or "." segment in its path',
  DHN_ARCHIVE_NAME_ENCODING: 'has a name that is not UTF-8',
  DHN_ARCHIVE_PATH_TOO_LONG: 'has a path that is too long',
  DHN_ARCHIVE_TOO_DEEP: 'lies too deep in folders',
  DHN_ARCHIVE_DUPLICATE: 'is there twice',
  DHN_ARCHIVE_CASE_TWIN: 'differs from another entry only in upper and lower case',
  DHN_ARCHIVE_UNICODE_TWIN: 'differs from another entry only in its Unicode form',
  DHN_ARCHIVE_FILE_AND_FOLDER: 'is both a file and a folder',
  // What an entry is
  DHN_ARCHIVE_LINK: 'is a link',
  DHN_ARCHIVE_SPECIAL_FILE: 'is a device, a pipe or a socket',
  DHN_ARCHIVE_ENCRYPTED: 'is encrypted',
  DHN_ARCHIVE_METHOD: 'is compressed by a method that is neither stored nor deflated',
  DHN_ARCHIVE_ENTRY_TYPE: 'is neither a file nor a folder',
  // How much there is
  DHN_ARCHIVE_TOO_LARGE: 'the archive is too large',
  DHN_ARCHIVE_TOO_MANY_ENTRIES: 'there are too many files and folders',
  DHN_ARCHIVE_UNPACKED_TOO_LARGE: 'the unpacked files are too large together',
  DHN_ARCHIVE_FILE_TOO_LARGE: 'is too large',
  DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE: 'is too large for a descriptor',
  DHN_ARCHIVE_RATIO: 'it unpacks to far more than its own size',
  // Whether it is whole
  DHN_ARCHIVE_TRUNCATED: 'the archive ends too early',
  DHN_ARCHIVE_CORRUPT: 'the compressed data is damaged',
  DHN_ARCHIVE_CHECKSUM: 'a checksum is wrong',
  DHN_ARCHIVE_SIZE_MISMATCH: 'holds more or less than its size says',
  DHN_ARCHIVE_TRAILING_DATA: 'there is something after the end of the archive',
  // Whether each of its readers would see the same in it
  DHN_ARCHIVE_GZIP_HEADER: 'the gzip header is not one',
  DHN_ARCHIVE_TAR_HEADER: 'a tar header is wrong',
  DHN_ARCHIVE_PAX_HEADER: 'an extended tar header is wrong',
  DHN_ARCHIVE_LONG_NAME: 'a long name record (GNU) is wrong',
  DHN_ARCHIVE_SPARSE: 'is a sparse file',
  DHN_ARCHIVE_ZIP_STRUCTURE: 'the zip directory is wrong',
  DHN_ARCHIVE_ZIP_MISMATCH: 'the local header says something else than the zip directory',
  DHN_ARCHIVE_ZIP_OVERLAP: 'overlaps another entry',
  DHN_ARCHIVE_ZIP64: 'the zip64 records are wrong',
  DHN_ARCHIVE_MULTI_DISK: 'it is one part of a zip in several parts',
} as const

export type RefusalCode = keyof typeof reasons

export interface RefusalFacts {
  /** The entry's name, made printable. */
  readonly entry?: string
  /** What was found, in a few words. */
  readonly detail?: string
  /** For a limit: the largest value that is accepted. */
  readonly limit?: number
}

/**
 * An archive that is not unpacked because of what is in it.
 *
 * Nothing of it is left in the staging folder, and nothing was written outside.
 */
export class ArchiveRefused extends DhnError {
  readonly entry?: string
  readonly detail?: string
  readonly limit?: number

  constructor(
    readonly code: RefusalCode,
    facts: RefusalFacts = {},
    options: { readonly cause?: unknown } = {},
  ) {
    super(sentence(code, facts), { next: nextStep(code), ...options })
    if (facts.entry !== undefined) this.entry = facts.entry
    if (facts.detail !== undefined) this.detail = facts.detail
    if (facts.limit !== undefined) this.limit = facts.limit
  }

  /** The same refusal, of an archive that lies inside another one at `path`. */
  within(path: string): ArchiveRefused {
    const { detail, limit } = this
    const entry = `${path}!/${this.entry ?? ''}`
    return new ArchiveRefused(
      this.code,
      { entry, ...(detail === undefined ? {} : { detail }), ...(limit === undefined ? {} : { limit }) },
      { cause: this },
    )
  }
}

/** A name as it can be shown: control characters and stray bytes written out, never longer than a line. */
export function printable(name: string | Uint8Array): string {
  const text = typeof name === 'string' ? name : Buffer.from(name).toString('utf8')
  const shown = text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown
}

function sentence(code: RefusalCode, { entry, detail, limit }: RefusalFacts): string {
  const reason = reasons[code]
  const about = /^(has|is|lies|differs|overlaps|holds)\b/.test(reason)
  const subject = entry === undefined ? (about ? 'an entry ' : '') : about ? `"${entry}" ` : `at "${entry}": `
  const limits = limit === undefined ? '' : `; the limit is ${limit}`
  return `archive refused: ${subject}${reason}${detail === undefined ? '' : ` (${detail})`}${limits}`
}

function nextStep(code: RefusalCode): string {
  switch (code) {
    case 'DHN_ARCHIVE_TRUNCATED':
    case 'DHN_ARCHIVE_CORRUPT':
    case 'DHN_ARCHIVE_CHECKSUM':
      return 'transfer the archive again, or pack it again'
    case 'DHN_ARCHIVE_TOO_LARGE':
    case 'DHN_ARCHIVE_TOO_MANY_ENTRIES':
    case 'DHN_ARCHIVE_UNPACKED_TOO_LARGE':
    case 'DHN_ARCHIVE_FILE_TOO_LARGE':
    case 'DHN_ARCHIVE_DESCRIPTOR_TOO_LARGE':
    case 'DHN_ARCHIVE_RATIO':
    case 'DHN_ARCHIVE_TOO_DEEP':
    case 'DHN_ARCHIVE_PATH_TOO_LONG':
      return 'leave out what the service does not need, or raise the limit in the configuration of the node'
    case 'DHN_ARCHIVE_LINK':
      return 'put the file itself in the place of the link'
    default:
      return 'pack the archive again with plain files and folders only, using "dhn pack", tar, zip or jar'
  }
}
