import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Archive } from '../../src/archive/archive.ts'
import { type ReadArchiveOptions, readArchiveHere } from '../../src/archive/read-archive-here.ts'

/** Reads the bytes as an archive of this name, unpacked into a fresh folder below `folder`. */
export function readBytes(
  folder: string,
  name: string,
  bytes: Buffer,
  options: Partial<Omit<ReadArchiveOptions, 'name' | 'staging'>> = {},
): Promise<Archive> {
  const own = mkdtempSync(join(folder, 'archive-'))
  const file = join(own, 'archive')
  writeFileSync(file, bytes)
  return readArchiveHere(file, { name, staging: join(own, 'staging'), ...options })
}
