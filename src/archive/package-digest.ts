import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ArchiveFile } from './unpack/archive-file.ts'

/**
 * SHA-256 over the names and contents of a package's files: over one line `<SHA-256 of the content>  <path>\n` for each
 * file, in the byte order of the paths, as `sha256sum` prints them.
 *
 * Neither the order in the archive nor times and modes matter, so that the same package in two archives is the same.
 */
export function packageDigest(root: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of files) {
    const file = new ArchiveFile(join(root, path))
    try {
      hash.update(`${file.digest()}  ${path}\n`)
    } finally {
      file.close()
    }
  }
  return hash.digest('hex')
}

/** In the byte order of UTF-8, which is the same everywhere. */
export const sortedPaths = (paths: Iterable<string>): string[] =>
  [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
