import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { deflateSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CfgSources } from '../../src/cfg/cfg-sources.ts'
import { cfgJson, mergeLayers } from '../../src/cfg/index.ts'
import { ConfigurationCopy } from '../../src/container/configuration-copy.ts'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import { S_ERROR, S_OK } from '../../src/service/index.ts'
import { Home } from '../../src/store/home.ts'
import { authorizationFor } from '../support/gatekeeper.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'
import { temporaryFolder } from '../support/temporary.ts'

const ca = ownCa()
const version = (day: number): string => `2026-01-0${day} 12:00:00.000000`

const served = (day: number, ...more: readonly string[]) =>
  deflateSync(['DIRAC {', 'Configuration {', `Version = ${version(day)}`, '}', '}', ...more].join('\n'))

/** A configuration server on the wire: who asks it for what is kept. */
async function server(day: number, ...more: readonly string[]) {
  const host = ca.host()
  const asked: string[] = []
  const state = { day, more, away: false }
  const options = { cert: host.certificatePem, key: host.keyPem, requestCert: true, rejectUnauthorized: false }
  const listening = createServer(options, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    const [known = ''] = JSON.parse(form.get('args') ?? '[]') as readonly string[]
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    asked.push(`${subject?.CN} ${form.get('extraCredentials')} ${form.get('method')} ${known}`)
    const data = served(state.day, ...state.more).toString('base64')
    const isNewer = known < version(state.day)
    const answer = state.away
      ? S_ERROR('away')
      : S_OK({ newestVersion: version(state.day), ...(isNewer ? { data } : {}) })
    response.end(JSON.stringify(answer))
  }).listen(0, 'localhost')
  onTestFinished(() => {
    listening.closeAllConnections()
    listening.close()
  })
  await new Promise((resolve) => listening.once('listening', resolve))
  const url = `https://localhost:${(listening.address() as AddressInfo).port}/Configuration/Server`
  return { url, asked, state }
}

/** A home whose local configuration names these servers. */
function homeWith(servers: readonly string[], ...more: readonly string[]) {
  return homeThatTrusts(ca, servers, more)
}

function homeThatTrusts(trusted: Pick<OwnCa, 'publish'>, servers: readonly string[], more: readonly string[] = []) {
  const home = new Home(temporaryFolder())
  const security = home.etc('grid-security')
  const trust = join(security, 'certificates')
  mkdirSync(trust, { recursive: true })
  trusted.publish(trust)
  const host = ca.host()
  const [cert, key] = [join(security, 'hostcert.pem'), join(security, 'hostkey.pem')]
  writeFileSync(cert, host.certificatePem)
  writeFileSync(key, host.keyPem, { mode: 0o600 })
  const file = home.etc('dhn.cfg')
  const local = ['DIRAC {', 'Configuration {', `Servers = ${servers.join()}`, 'RefreshTime = 1', '}', '}', ...more]
  writeFileSync(file, local.join('\n'))
  const copy = home.var('configuration', 'remote.cfg')
  const sources = new CfgSources([{ file, named: true }], [], copy)
  const log: string[] = []
  const write = (facts: object, message: string): void => void log.push(`${message} ${JSON.stringify(facts)}`)
  const config = {
    home,
    sources,
    withoutRule: 'refuse',
    asClient: { certificate: { cert, key }, trust: { directory: trust } },
  }
  const start = async () => {
    const begun = new ConfigurationCopy(config as ContainerConfig, { info: write, warn: write, error: write })
    await begun.start()
    onTestFinished(() => begun.stop())
    return begun
  }
  const now = () => JSON.parse(cfgJson(mergeLayers(sources.layers())))
  return { home, file, copy, sources, log, start, now }
}

describe('the configuration of a node that names configuration servers', () => {
  it('is what they have, under what is local, from a copy that only the node reads', async () => {
    const { url, asked } = await server(1, 'Registry {\nDefaultGroup = remote\n}', 'Resources {\nA = 1\n}')
    const { start, now, copy, sources } = homeWith([url], 'Registry {\nDefaultGroup = local\n}')
    await start()
    expect(now()).toMatchObject({ Registry: { DefaultGroup: 'local' }, Resources: { A: '1' } })
    expect(asked).toEqual(['localhost "hosts" getCompressedDataIfNewer 0'])
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(sources.layers().map(({ name, remote = false }) => [name, remote])).toEqual([
      [copy, true],
      [sources.files[0]?.file, false],
    ])
  })

  it('follows them, and asks for what is newer only', async () => {
    const { url, asked, state } = await server(1, 'A = 1')
    const { start, now, sources } = homeWith([url])
    await start()
    const stamp = sources.stamp()
    Object.assign(state, { day: 2, more: ['A = 2'] })
    await expect.poll(() => now().A, { timeout: 5000 }).toBe('2')
    expect(asked.at(-1)).toContain(version(1))
    expect(sources.stamp()).not.toBe(stamp)
  })

  it('stays as it was when they are away, also over a start of the node', async () => {
    const { url, state } = await server(1, 'A = 1')
    const { start, now, log } = homeWith([url])
    ;(await start()).stop()
    state.away = true
    await start()
    expect(now()).toMatchObject({ A: '1' })
    await expect.poll(() => log.at(-1)).toMatch(/^no configuration server answers: .*away/)
  })

  it('is taken from another server when one is away', async () => {
    const [away, other] = [await server(2), await server(1, 'A = 1')]
    away.state.away = true
    const { start, now } = homeWith([away.url, other.url])
    await start()
    expect(now()).toMatchObject({ A: '1' })
  })

  it('is the local one alone when no server can be reached at the first start, and nobody is known then', async () => {
    const { home, start, now } = homeWith(['https://localhost:1/Configuration/Server'])
    await start()
    expect(Object.keys(now())).toEqual(['DIRAC'])
    const authorization = authorizationFor(home)
    authorization.refresh()
    expect(authorization.snapshot.registry.users.size).toBe(0)
  })

  it('is not that of servers that are no longer named', async () => {
    const { url } = await server(1, 'A = 1')
    const { start, now, file } = homeWith([url])
    ;(await start()).stop()
    writeFileSync(file, 'B = 1\n')
    expect(now()).toEqual({ B: '1' })
  })

  it('never has its own section from them', async () => {
    const { url } = await server(1, 'DHN {\nPort = 1\n}')
    const { start, now, copy } = homeWith([url])
    await start()
    expect(now().DHN).toBeUndefined()
    expect(readFileSync(copy, 'utf8')).not.toContain('DHN')
  })

  it('is not replaced by what does not fit the local files, or is older, or no configuration', async () => {
    const { url, asked, state } = await server(2, 'A = 1')
    const { start, now, log } = homeWith([url], 'L {\n}')
    ;(await start()).stop()
    for (const [day, line] of [
      [3, 'L = 1'],
      [1, 'A = 0'],
      [3, 'A { B = 1 }'],
    ] as const) {
      Object.assign(state, { day, more: [line] })
      const before = asked.length
      ;(await start()).stop()
      await expect.poll(() => asked.length).toBe(before + 1)
    }
    await expect.poll(() => log.filter((line) => line.startsWith('a new configuration can not be used')).length).toBe(2)
    expect(now()).toMatchObject({ A: '1', L: {} })
  })

  it('is asked for again when the copy is damaged', async () => {
    const { url, asked } = await server(1, 'A = 1')
    const { start, now, copy } = homeWith([url])
    mkdirSync(join(copy, '..'), { recursive: true })
    writeFileSync(copy, 'A {')
    expect(now().A).toBeUndefined()
    await start()
    expect(now().A).toBe('1')
    expect(asked).toHaveLength(1)
  })

  it('is taken from nobody who is not believed, and not over plain HTTP', async () => {
    const { url } = await server(1, 'A = 1')
    const { start, now } = homeThatTrusts(ownCa('Other'), [url])
    await start()
    expect(now().A).toBeUndefined()
    const plain = homeWith(['http://localhost:1/Configuration/Server'])
    await plain.start()
    expect(plain.log).toEqual([])
  })
})
