import { stat } from 'node:fs/promises'

/**
 * What tells whether two processes that name a path mean the same file, as it is now: they may see different file systems.
 *
 * @returns device, inode, bytes and time of the last change (ns), such as `2049-131-5120-1732284000000000000`; undefined for
 *   what is no regular file
 * @throws {Error} as `stat` does
 */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true })
  return found.isFile() ? [found.dev, found.ino, found.size, found.mtimeNs].join('-') : undefined
}
