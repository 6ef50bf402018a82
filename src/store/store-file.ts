import { type FileHandle, open } from 'node:fs/promises'

/**
 * Says what is wrong with an lmdb data file, before lmdb maps it: a file that is none, or is cut short, ends the whole
 * process with a signal there. Undefined for one that looks sound, is empty or isn't there.
 *
 * The offsets are those of lmdb 0.9.90 (`MDB_meta`, 64 bits), which lmdb 3 has: two meta pages, the newer one counts.
 */
export async function damageOf(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { size } = await file.stat()
    if (size === 0) return undefined
    const first = await metaAt(file, 0)
    if (first === undefined) return 'it is no lmdb file'
    const second = await metaAt(file, first.pageSize)
    if (second === undefined) return 'its second page is damaged'
    const newer = second.transaction > first.transaction ? second : first
    if (newer.roots.some((page) => (page + 1n) * BigInt(first.pageSize) > BigInt(size))) return 'it is cut short'
    return undefined
  } finally {
    await file.close()
  }
}

const magic = 0xbeefc0de
const noPage = 0xffffffffffffffffn

async function metaAt(file: FileHandle, offset: number) {
  const page = Buffer.alloc(160)
  const { bytesRead } = await file.read(page, 0, page.length, offset)
  if (bytesRead < page.length || page.readUInt32LE(24) !== magic) return undefined
  return {
    pageSize: page.readUInt32LE(48),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)].filter((root) => root !== noPage),
    transaction: page.readBigUInt64LE(152),
  }
}
