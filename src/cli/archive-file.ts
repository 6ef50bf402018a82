import { statSync } from 'node:fs'
import { ArchiveNotAFile } from './errors.ts'

/**
 * The archive that a command was given, when it is a file.
 *
 * @throws {ArchiveNotAFile} it isn't
 */
export function archiveFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new ArchiveNotAFile(path, "doesn't exist", 'check the path; `dhn pack <folder>` makes archives')
  }
  if (found.isDirectory()) {
    throw new ArchiveNotAFile(path, 'is a folder, not an archive', `make archives of it: dhn pack ${path}`)
  }
  if (!found.isFile()) throw new ArchiveNotAFile(path, 'is no regular file', 'copy the archive to a file')
  return path
}
