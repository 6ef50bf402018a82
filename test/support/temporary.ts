import { mkdtempSync, rmSync } from 'node:fs'
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
