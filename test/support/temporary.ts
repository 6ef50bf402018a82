import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder for the tests of one file, gone when they have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dhn-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every path below a folder with its size and time of change: equal before and after when nothing was touched. */
export function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => {
      const { size, mtimeMs, mode } = statSync(join(folder, path))
      return `${path} ${mode.toString(8)} ${size} ${mtimeMs}`
    })
    .sort()
}
