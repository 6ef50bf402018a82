import { ArchiveFile } from './archive-file.ts'
import { type ArchiveFormat, archiveFormat } from './archive-format.ts'
import { EntryPolicy, type Totals } from './entry-policy.ts'
import { StagingTree } from './staging-tree.ts'
import { unpackTar } from './tar.ts'
import { unpackZip } from './zip.ts'

export interface Unpacked {
  readonly format: ArchiveFormat
  /** The folder that holds it. */
  readonly root: string
  /** Paths of its files inside `root`, in the archive's order. */
  readonly files: ReadonlySet<string>
  /** Files and folders made. */
  readonly entries: number
  /** Bytes of all files. */
  readonly size: number
}

/**
 * Checks and unpacks an archive file into `root`, a folder that it makes.
 *
 * @param name the file's name for messages
 * @param totals what is counted over this archive and those it lies in
 * @throws {ArchiveRefused} an entry breaks a rule; what is in `root` then is the caller's to remove
 */
export async function unpackArchive(file: ArchiveFile, name: string, totals: Totals, root: string): Promise<Unpacked> {
  const format = archiveFormat(file, name)
  const entriesBefore = totals.entries
  const tree = new StagingTree(root)
  const policy = new EntryPolicy(totals)
  await (format === 'zip' ? unpackZip(file, policy, tree) : unpackTar(file, policy, tree))
  return { format, root, files: tree.files, entries: totals.entries - entriesBefore, size: tree.size }
}

/** Opens a file, hands it over, and closes it whatever happens. */
export async function withArchiveFile<T>(path: string, use: (file: ArchiveFile) => Promise<T>): Promise<T> {
  const file = new ArchiveFile(path)
  try {
    return await use(file)
  } finally {
    file.close()
  }
}
