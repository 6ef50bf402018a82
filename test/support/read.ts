import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Archive } from '../../src/archive/archive.ts'
import { type ReadArchiveOptions, readArchiveHere } from '../../src/archive/read-archive-here.ts'

/** A folder for the tests of one file, gone when they have all run. */
export function folderForAll(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dhn-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every path below a folder with its mode, size and time of change: the same as before when nothing was touched. */
export function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const { size, mtimeMs, mode } = statSync(join(folder, path))
      return `${path} ${mode.toString(8)} ${size} ${mtimeMs}`
    })
    .sort()
}

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
