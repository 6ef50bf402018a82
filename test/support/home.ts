import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll } from 'vitest'
import { initializeHome } from '../../src/config.ts'
import { temporaryFolder } from './temporary.ts'

/**
 * For the tests of one file: gives each an initialized home of its own. Their keys, which take long to make, are the same.
 */
export function initializedHomes(): () => string {
  const template = temporaryFolder()
  beforeAll(async () => {
    await initializeHome(template)
  })
  return () => {
    const home = join(temporaryFolder(), 'home')
    cpSync(template, home, { recursive: true })
    return home
  }
}
