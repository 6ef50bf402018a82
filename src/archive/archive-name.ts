import { ArchiveNameInvalid } from './archive-errors.ts'

/** Folders that lie beside those named by GAR IDs. */
const taken = new Set(['node_modules', 'schema'])

/** The GAR ID that a GAR's file name stands for. @throws {ArchiveNameInvalid} */
export function garIdOf(fileName: string): string {
  if (!fileName.endsWith('.gar')) throw new ArchiveNameInvalid(fileName)
  return checked(fileName.slice(0, -'.gar'.length), fileName)
}

/** The name of a service archive without its extensions. @throws {ArchiveNameInvalid} */
export function archiveIdOf(fileName: string): string {
  return checked(fileName.replace(/(\.tar\.gz|\.tgz|\.gz)$/, ''), fileName)
}

function checked(id: string, fileName: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}$/.test(id) || taken.has(id)) throw new ArchiveNameInvalid(fileName)
  return id
}
