import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Brings everything below `directory` to the disk.
 *
 * One flush of its file system, as thousands of single ones take seconds; one by one where there is no `sync -f`.
 */
export async function syncTree(directory: string): Promise<void> {
  try {
    await promisify(execFile)('sync', ['-f', directory])
  } catch {
    await syncOneByOne(directory)
  }
}

/**
 * Renames `from` to `to`, so that it is there after a power failure once this has resolved. Makes the folders above
 * `to`. What `from` holds was synced before.
 */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
  const made = await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  await syncPath(dirname(to))
  // Folders that were made just now have names in folders above, which must be on the disk too.
  if (made === undefined) return
  for (let folder = dirname(to); folder.length >= made.length; folder = dirname(folder)) await syncPath(dirname(folder))
}

/** Whether a file with this name was being written durably: when nobody writes it any more it is of no use. */
export const isHalf = (name: string): boolean => /^\.[0-9a-f-]{36}\.new$/.test(name)

/** Replaces a file whole: a reader, and a node after a power failure, sees the old text or the new one. */
export async function writeFileDurably(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  const half = join(dirname(path), `.${randomUUID()}.new`)
  try {
    const file = await open(half, 'wx', mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(half, path)
  } catch (error) {
    // What can't be removed either is known by its name.
    await rm(half, { force: true }).catch(() => undefined)
    throw error
  }
  await syncPath(dirname(path))
}

async function syncOneByOne(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await syncOneByOne(path)
    else if (entry.isFile()) await syncPath(path)
  }
  await syncPath(directory)
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
