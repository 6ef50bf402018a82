import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LoadReport } from '../../src/cli/load/load-report.ts'
import { dhn } from '../support/dhn.ts'
import { gridServer, nobody, ok } from '../support/grid-server.ts'
import { ownCa } from '../support/own-ca.ts'
import { packedSamples, runningNode } from '../support/running-node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const node = runningNode()
const samples = packedSamples('echo')

describe('dhn bench', () => {
  it('measures a service of the node with the processor time and memory of the node', async () => {
    await node.dhn('deploy', samples.echo, '--nosec')
    const picture = join(temporaryFolder(), 'load.html')
    const report = await node.json<LoadReport>(
      ...['bench', 'Samples/Echo', 'hello', '--method', 'echo', '--seconds', '3', '--ramp', '1'],
      ...['--connections', '4', '--processes', '2', '--report', picture],
    )
    expect(report).toMatchObject({ method: 'echo', total: { seconds: 2, errors: 0, errorKinds: {} } })
    expect(report.total.callsPerSecond).toBeGreaterThan(10)
    expect(report.seconds.map(({ second, connections }) => [second, connections])).toEqual([
      [0, 4],
      [1, 4],
      [2, expect.any(Number)],
    ])
    expect(report.server?.cpuPerCall).toBeGreaterThan(0)
    expect(readFileSync(picture, 'utf8')).toContain('<svg')
  })

  it('shows its credential, believes no other server, and counts what is no S_OK', async () => {
    const ca = ownCa('Load')
    const trust = temporaryFolder()
    ca.publish(trust)
    const proxy = join(temporaryFolder(), 'proxy')
    writeFileSync(proxy, ca.user('Alice').text, { mode: 0o600 })
    let calls = 0
    const { url, calls: seen } = await gridServer((call, response) => {
      calls += 1
      if (calls % 2 === 0) response.writeHead(503).end()
      else ok('1')(call, response)
    }, ca.host())
    const words = ['bench', `${url}/T/S`, '--seconds', '1', '--connections', '2', '--json', '--cert', proxy]
    const good = await dhn([...words, '--trust', trust])
    const { total } = JSON.parse(good.stdout) as LoadReport
    expect([good.code, Object.keys(total.errorKinds)]).toEqual([0, ['status 503']])
    expect(seen.every(({ certificate }) => certificate === 'Alice')).toBe(true)
    const before = seen.length
    const refused = await dhn([...words, '--trust', temporaryFolder()])
    expect([refused.code, seen.length]).toEqual([1, before])
    expect(Object.keys((JSON.parse(refused.stdout) as LoadReport).total.errorKinds)[0]).toContain('not trusted')
  })

  it('ends with 1 when nobody answers, and with 2 when it is called wrongly', async () => {
    const away = await dhn(['bench', `${nobody}/T/S`, '--seconds', '1', '--connections', '1'])
    expect([away.code, away.stdout]).toEqual([1, expect.stringContaining('ECONNREFUSED')])
    expect((await dhn(['bench', `${nobody}/T/S`, '--seconds', '1', '--ramp', '1'])).code).toBe(2)
    expect((await dhn(['bench', `${nobody}/T/S`, '--report', 'load.png'])).code).toBe(2)
  })
})
