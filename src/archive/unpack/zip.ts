import { crc32, inflateRawSync } from 'node:zlib'
import { type ArchiveFile, chunkSize } from './archive-file.ts'
import { ArchiveRefused, printable, type RefusalCode } from './archive-refused.ts'
import type { EntryPolicy } from './entry-policy.ts'
import { inflate, inflateError } from './inflate.ts'
import type { StagingTree } from './staging-tree.ts'
import { readZipDirectory, type ZipEntry } from './zip-directory.ts'
import { dataDescriptorMatches, type LocalHeader, readLocalHeader } from './zip-local.ts'

/** An entry up to these sizes is unpacked in one piece, in memory. */
const wholeUpTo = { compressed: 1024 * 1024, unpacked: 4 * 1024 * 1024 }

/**
 * Unpacks a zip into a fresh tree.
 *
 * All that the directory declares is checked before the first byte is written. The entries have to fill the file from its
 * beginning to the directory without gap or overlap, so that a reader that goes by local headers finds the same ones.
 *
 * @throws {ArchiveRefused} it breaks a rule; what was written before is the caller's to remove
 */
export async function unpackZip(file: ArchiveFile, policy: EntryPolicy, tree: StagingTree): Promise<void> {
  const directory = readZipDirectory(file, policy.totals)
  const { entries } = directory
  const paths = entries.map((entry) => policy.admit(entry))
  if ((entries[0]?.offset ?? directory.start) !== 0) {
    throw new ArchiveRefused('DHN_ARCHIVE_ZIP_STRUCTURE', { detail: 'something lies before the first entry' })
  }
  try {
    for (const [i, entry] of entries.entries()) {
      const end = entries[i + 1]?.offset ?? directory.start
      await unpackEntry(file, entry, end, paths[i], tree)
    }
  } finally {
    tree.end()
  }
}

async function unpackEntry(
  file: ArchiveFile,
  entry: ZipEntry,
  end: number,
  path: string | undefined,
  tree: StagingTree,
): Promise<void> {
  const refuse = (code: RefusalCode, detail?: string): ArchiveRefused =>
    new ArchiveRefused(code, { entry: printable(entry.name), ...(detail === undefined ? {} : { detail }) })

  const local = readLocalHeader(file, entry, end)
  const dataEnd = local.dataStart + entry.compressedSize
  if (dataEnd > end) throw refuse('DHN_ARCHIVE_ZIP_OVERLAP')
  if (local.hasDescriptor) {
    const descriptor = file.read(dataEnd, Math.min(end - dataEnd, 32))
    if (!dataDescriptorMatches(descriptor, entry)) throw refuse('DHN_ARCHIVE_ZIP_MISMATCH', 'data descriptor')
  } else if (dataEnd !== end) {
    throw refuse('DHN_ARCHIVE_ZIP_STRUCTURE', `${end - dataEnd} bytes after its data belong to no entry`)
  }

  let sum = 0
  let size = 0
  const count = (chunk: Buffer): void => {
    sum = crc32(chunk, sum)
    size += chunk.length
    if (size > entry.size) throw refuse('DHN_ARCHIVE_SIZE_MISMATCH')
  }
  const verify = (): void => {
    if (size !== entry.size) throw refuse('DHN_ARCHIVE_SIZE_MISMATCH')
    if (sum !== entry.crc) throw refuse('DHN_ARCHIVE_CHECKSUM', 'CRC-32')
  }

  if (entry.compressedSize <= wholeUpTo.compressed && entry.size <= wholeUpTo.unpacked) {
    const content = wholeContent(file, entry, local, refuse)
    count(content)
    verify()
    if (path === undefined) return
    if (entry.kind === 'folder') tree.folder(path)
    else tree.file(path, content)
    return
  }
  if (path === undefined || entry.kind === 'folder') throw refuse('DHN_ARCHIVE_SIZE_MISMATCH', 'a folder with content')
  tree.begin(path)
  const take = (chunk: Buffer): void => {
    count(chunk)
    tree.write(chunk)
  }
  if (entry.method === 0) {
    for (let at = local.dataStart; at < dataEnd; at += chunkSize) take(file.read(at, Math.min(chunkSize, dataEnd - at)))
  } else {
    const consumed = await inflate(file, local.dataStart, dataEnd, take)
    if (consumed !== entry.compressedSize) throw refuse('DHN_ARCHIVE_SIZE_MISMATCH', 'compressed size')
  }
  tree.end()
  verify()
}

function wholeContent(
  file: ArchiveFile,
  entry: ZipEntry,
  local: LocalHeader,
  refuse: (code: RefusalCode, detail?: string) => ArchiveRefused,
): Buffer {
  const data = file.read(local.dataStart, entry.compressedSize)
  if (entry.method === 0) return data
  try {
    const { buffer, engine } = inflateRawSync(data, {
      maxOutputLength: Math.max(entry.size, 1),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (engine.bytesWritten !== entry.compressedSize) throw refuse('DHN_ARCHIVE_SIZE_MISMATCH', 'compressed size')
    return buffer
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw refuse('DHN_ARCHIVE_SIZE_MISMATCH')
    throw inflateError(error)
  }
}
