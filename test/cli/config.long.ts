import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dhn } from '../support/dhn.ts'
import { initializedHomes } from '../support/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

const homes = initializedHomes()

it('dhn config show tells what a node that runs was started with, and of one that does not, what it would have', async () => {
  const home = homes()
  const more = join(temporaryFolder(), 'more.cfg')
  writeFileSync(more, 'DHN {\n  Logs {\n    KeptDays = 7\n  }\n}\n')
  const words = ['start', '--detach', '--port', '0', '--cfg', 'more.cfg', '-o', '/DHN/Log/Level=warn']
  const started = await dhn([...words, '-o', '/DHN/Flight/Kept=1'], { home, cwd: join(more, '..') })
  expect(started).toMatchObject({ code: 0 })
  const show = async () =>
    (JSON.parse((await dhn(['config', 'show', '/DHN', '--json'], { home })).stdout) as { path: string; file: string }[])
      .filter(({ path }) => path !== '/DHN/Host')
      .map(({ path, file }) => [path, file])
      .sort()
  expect(await show()).toEqual([
    ['/DHN/Flight/Kept', 'the command line'],
    ['/DHN/Log/Level', 'the command line'],
    ['/DHN/Logs/KeptDays', more],
  ])
  await dhn(['stop'], { home })
  expect(await show()).toEqual([])
}, 60_000)
