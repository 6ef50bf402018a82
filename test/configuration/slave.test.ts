import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HostCredential, Slave } from '../../gar/configuration/src/org/diligentproject/configuration/Slave.ts'
import { VersionStore } from '../../gar/configuration/src/org/diligentproject/configuration/VersionStore.ts'
import { parseCfg, serializeCfg } from '../../src/cfg/index.ts'
import { S_ERROR, S_OK } from '../../src/service/index.ts'
import { packed, serverSettings } from '../support/configuration.ts'
import { ownCa } from '../support/own-ca.ts'
import { temporaryFolder } from '../support/temporary.ts'

const own = 'https://slave.example.org:8443/Configuration/Server'
const { text: pem } = ownCa().user('/DC=local/CN=slave')
const version = (day: number): string => `2026-01-0${day} 12:00:00.000000`
const configuration = (day: number, master: string, name = 'Test') =>
  parseCfg(`DIRAC {\nConfiguration {\nName = ${name}\nVersion = ${version(day)}\nMasterServer = ${master}\n}\n}`)

/** A master on the wire: what it has can be changed, and what was asked of it is kept. */
async function masterOf(day: number, name?: string) {
  const asked: string[] = []
  const state = { day, away: false }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const args = JSON.parse(form.get('args') ?? '[]') as readonly string[]
    asked.push(`${form.get('method')} ${args.join()}`)
    if (state.away) response.statusCode = 503
    const isNewer = (args[0] as string) < version(state.day)
    const data = packed(configuration(state.day, url, name)).toString('base64')
    const answers: Record<string, unknown> = {
      getCompressedDataIfNewer: S_OK({ newestVersion: version(state.day), ...(isNewer ? { data } : {}) }),
      publishSlaveServer: S_OK(),
    }
    response.end(JSON.stringify(answers[form.get('method') ?? ''] ?? S_ERROR('no such method')))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/Configuration/Server`
  return { url, asked, state }
}

async function slaveOf(
  servers: readonly string[],
  options: Parameters<typeof serverSettings>[0] = {},
  folder = temporaryFolder(),
) {
  const store = new VersionStore('Test', folder)
  const credential = new HostCredential()
  credential.credentialsDelivered({ pem })
  const slave = new Slave(serverSettings({ Name: 'Test', Servers: servers, ...options }), store, own, credential)
  await slave.start()
  onTestFinished(() => slave.stop())
  return { slave, store, folder }
}

describe('a slave', () => {
  it('serves what the master has, and makes itself known to it', async () => {
    const master = await masterOf(1)
    const { slave, store } = await slaveOf([master.url])
    expect(store.served.version).toBe(version(1))
    expect(serializeCfg(store.served.root)).toBe(serializeCfg(configuration(1, master.url)))
    await slave.refresh()
    expect(master.asked).toEqual([
      'getCompressedDataIfNewer 0',
      `getCompressedDataIfNewer ${version(1)}`,
      `publishSlaveServer ${own}`,
    ])
  })

  it('asks another server when one is away', async () => {
    const [away, other] = [await masterOf(2), await masterOf(1)]
    away.state.away = true
    const { store } = await slaveOf([away.url, other.url])
    expect(store.served.version).toBe(version(1))
    expect(other.asked).toEqual(['getCompressedDataIfNewer 0'])
  })

  it('serves what it had when nobody can be reached', async () => {
    const master = await masterOf(1)
    const { folder } = await slaveOf([master.url], { AutoPublish: 'no' })
    expect(master.asked).toEqual(['getCompressedDataIfNewer 0'])
    master.state.away = true
    const { store } = await slaveOf([master.url], {}, folder)
    expect(store.served.version).toBe(version(1))
  })

  it('takes nothing older, and nothing of another name', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'Test.cfg'), serializeCfg(configuration(2, own)))
    const [older, other] = [await masterOf(1), await masterOf(3, 'Other')]
    const { store } = await slaveOf([older.url, other.url], {}, folder)
    expect(store.served.version).toBe(version(2))
    const alone = await slaveOf([other.url])
    expect(alone.store.served.version).toBe('0')
  })

  it('asks again when it is told to, once for all who tell it so, and again after its time', async () => {
    const master = await masterOf(1)
    const { slave, store } = await slaveOf([master.url], { PropagationTime: 1, AutoPublish: 'no' })
    await Promise.all([slave.refresh(), slave.refresh()])
    await slave.refresh()
    expect(master.asked).toHaveLength(2)
    master.state.day = 2
    await expect.poll(() => store.served.version, { timeout: 5000 }).toBe(version(2))
    // It serves a version before it has written it down.
    await expect.poll(() => store.history().map(({ version }) => version)).toEqual([version(2), version(1)])
  })

  it('takes no changes', async () => {
    const { slave } = await slaveOf([(await masterOf(1)).url])
    expect(await slave.commit()).toMatchObject({ OK: false, Message: expect.stringContaining('not allowed') })
    expect(await slave.publish(own)).toMatchObject({ OK: false })
  })
})
