import { execFileSync } from 'node:child_process'
import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { buildStrike, Strike } from './harness/strike.ts'

/** Makes three folders, and says which could not be made. */
const script = `
  const { mkdirSync } = require('node:fs')
  const refused = [1, 2, 3].map((name) => {
    try { mkdirSync(process.argv[1] + '/' + name) } catch ({ code }) { return code }
  })
  process.stdout.write(JSON.stringify(refused))`

it('the Nth call below the folder fails, once or from then on, and no other', () => {
  const folder = realpathSync(temporaryFolder())
  const strike = new Strike(buildStrike(temporaryFolder()), join(temporaryFolder(), 'control'), folder)
  const run = (): unknown => {
    const options = { env: { ...process.env, ...strike.environment } }
    return JSON.parse(execFileSync(process.execPath, ['-e', script, folder], options).toString())
  }
  strike.fail('ENOSPC', 2, 'once')
  expect(run()).toEqual([null, 'ENOSPC', null])
  expect(strike.disarm()).toEqual({ count: 3, times: 1, first: 'mkdir /2' })
  expect(readdirSync(folder)).toEqual(['1', '3'])
  strike.fail('EACCES', 1, 'from then on')
  expect(run()).toEqual(['EACCES', 'EACCES', 'EACCES'])
  expect(strike.disarm()).toMatchObject({ times: 3 })
  // A folder takes no descriptor.
  strike.fail('EMFILE', 1, 'once')
  expect(run()).toEqual(['EEXIST', null, 'EEXIST'])
  expect(strike.disarm()).toMatchObject({ times: 0 })
})
