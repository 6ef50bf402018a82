import { ArchiveFormatUnknown } from '../archive-errors.ts'
import type { ArchiveFile } from './archive-file.ts'

export type ArchiveFormat = 'zip' | 'tar.gz'

const others: readonly (readonly [start: string, what: string])[] = [
  ['BZh', 'bzip2 data'],
  ['\xfd7zXZ\0', 'xz data'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive'],
  ['\x28\xb5\x2f\xfd', 'zstd data'],
  ['Rar!', 'a rar archive'],
  ['PK\x07\x08', 'one part of a zip in several parts'],
  ['<', 'a text in XML or HTML'],
]

/**
 * The format of an archive, by its first bytes: its name isn't asked.
 *
 * @throws {ArchiveFormatUnknown} neither zip nor gzip
 */
export function archiveFormat(file: ArchiveFile, name: string): ArchiveFormat {
  const head = file.read(0, Math.min(512, file.size)).toString('latin1')
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return 'zip'
  if (head.startsWith('\x1f\x8b')) return 'tar.gz'
  const other = others.find(([start]) => head.startsWith(start))?.[1]
  const tar = head.slice(257, 262) === 'ustar' ? 'a tar that is not compressed' : 'of a format not known here'
  throw new ArchiveFormatUnknown(name, head === '' ? 'empty' : (other ?? tar))
}
