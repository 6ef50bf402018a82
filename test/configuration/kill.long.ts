import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { VersionStore } from '../../gar/configuration/src/org/diligentproject/configuration/VersionStore.ts'
import { root } from '../support/dhn.ts'
import { temporaryFolder } from '../support/temporary.ts'

const rounds = 6

/** Commits as fast as it can in a process of its own, and says each version that was acknowledged. */
const writer = (folder: string) => `
  import { deflateSync } from 'node:zlib'
  import { parseCfg, serializeCfg } from './src/cfg/index.ts'
  import { Master, MasterCredential } from './gar/configuration/src/org/diligentproject/configuration/Master.ts'
  import { VersionStore } from './gar/configuration/src/org/diligentproject/configuration/VersionStore.ts'
  import { serverSettings } from './test/support/configuration.ts'
  const store = new VersionStore('Test', ${JSON.stringify(folder)})
  const settings = serverSettings({ Master: true, Name: 'Test', AutoSlaveSync: 'no' })
  const master = new Master(settings, store, 'https://localhost/x', new MasterCredential())
  await master.start()
  for (let n = 0; ; n++) {
    const data = deflateSync(serializeCfg(parseCfg(serializeCfg(store.served.root) + 'Count = ' + n)))
    const answer = await master.commit(data, 'writer')
    if (!answer.OK) throw new Error(answer.Message)
    process.stderr.write('kept ' + store.served.version + '\\n')
  }`

it('a master that is killed while it commits has every version that it acknowledged, and goes on from the last', async () => {
  const folder = temporaryFolder()
  const kept: string[] = []
  for (let round = 0; round < rounds; round++) {
    const words = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', writer(folder)]
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(child, 'exit')
    const wanted = 3 + round
    let seen = 0
    for await (const line of createInterface({ input: child.stderr })) {
      expect(line).toMatch(/^kept /)
      kept.push(line.slice('kept '.length))
      seen += 1
      if (seen === wanted) setTimeout(() => child.kill('SIGKILL'), round % 5)
    }
    await ended
    const store = new VersionStore('Test', folder)
    await store.recover()
    const history = store.history().map(({ version }) => version)
    expect(kept.filter((version) => !history.includes(version))).toEqual([])
    expect(store.served.version).toBe(history[0])
    expect((history[0] as string) >= (kept.at(-1) as string)).toBe(true)
    expect(store.contents(history[0] as string)).toEqual(store.served.root)
  }
  expect(kept.length).toBeGreaterThan(rounds * 3)
}, 60_000)
