import { fork } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary.ts'
import { buildStrike, Strike } from './harness/strike.ts'

const program = fileURLToPath(new URL('harness/store-program.ts', import.meta.url))

/** lmdb's first page is written by a call of its own, the only one of this name: a failed one makes the database unusable. */
it('a change that is asked for while the first page of the store can not be written is made after it', async () => {
  const folder = realpathSync(temporaryFolder())
  const strike = new Strike(buildStrike(temporaryFolder()), join(temporaryFolder(), 'control'), folder)
  const child = fork(program, [folder], {
    env: { ...process.env, ...strike.environment },
    execArgv: ['--conditions=source', '--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await once(child, 'message')
  strike.fail('ENOSPC', 3, 'once')
  child.send('begin')
  const [said] = await once(child, 'message')
  expect(strike.disarm()).toMatchObject({ times: 1, first: 'pwrite64 /data.mdb' })
  strike.close()
  expect(said).toEqual({ first: 'DHN_STORE_FAILED', second: 'done' })
})
