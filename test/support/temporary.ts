import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished } from 'vitest'

/** A fresh folder that goes away with the test that asked for it, or with the tests of the file when none did. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dhn-test-'))
  const afterwards = expect.getState().currentTestName === undefined ? afterAll : onTestFinished
  afterwards(() => rmSync(folder, { recursive: true, force: true }))
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
