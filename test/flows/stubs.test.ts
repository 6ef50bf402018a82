import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { armFailpoints } from '../../src/store/failpoint.ts'
import { makeServiceArchive, profileText } from '../support/archives.ts'
import { startNode, type TestNode, until } from '../support/node.ts'
import type { TestService } from '../support/test-service.ts'

const stubs = (version: string, says = version) => ({
  name: 'counter-stubs',
  version,
  text: `export const says = '${says}'\n`,
})
const key = 'Samples/Counter/counter-stubs'

const counter = (more: Partial<TestService> = {}): TestService => ({
  service: 'Samples/Counter',
  stubs: [stubs('1.0.0')],
  ...more,
})
const user = (name: string, version = '^1.0.0', more: Partial<TestService> = {}): TestService => ({
  service: `Samples/${name}`,
  imports: "import { says } from 'counter-stubs'",
  body: 'export_says() { return S_OK(says) }',
  needs: [{ package: key, version }],
  ...more,
})
const usersOf = ({ node }: TestNode) =>
  node
    .stubs()
    .map(({ version, users }) => `${version}: ${users.map(({ garId, because }) => `${garId} ${because}`).join(', ')}`)

describe('stubs', () => {
  it('are shared by those that use them and removed with the last of them, in whichever order they go', async () => {
    const node = await startNode()
    expect(await node.deploy(user('Early'))).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_STUBS_MISSING' } })
    const report = await node.deploy(counter())
    expect(report.packages).toMatchObject([
      { packageName: 'Main' },
      { packageName: 'counter-stubs', status: 'ACTIVATED' },
    ])
    await node.deploy(user('Tally'))
    await node.deploy(user('Report'))
    expect(await node.call('/Samples/Tally', 'says')).toMatchObject({ value: '1.0.0' })
    expect(usersOf(node)).toEqual(['1.0.0: samples_counter carries, samples_report depends, samples_tally depends'])
    const undeployed = await node.node.undeploy('samples_counter').closed
    expect(undeployed.packages).toMatchObject([{ status: 'UNDEPLOYED' }, { status: 'NOTUNDEPLOYABLE' }])
    expect(usersOf(node)).toEqual(['1.0.0: samples_report depends, samples_tally depends'])
    await node.node.undeploy('samples_tally').closed
    expect(await node.node.restart('samples_report').closed).toMatchObject({ outcome: 'done' })
    expect(await node.call('/Samples/Report', 'says')).toMatchObject({ value: '1.0.0' })
    await node.node.undeploy('samples_report').closed
    expect(usersOf(node)).toEqual([])
    await until(() => readdirSync(node.home.stubs()).every((name) => name === 'node_modules'), 'their files are gone')
  })

  it('stand side by side in two versions', async () => {
    const node = await startNode()
    await node.deploy(counter({ stubs: [stubs('1.0.0')] }))
    await node.deploy(user('Old', '1.0.0'))
    await node.deploy(counter({ version: '2', stubs: [stubs('2.0.0')] }))
    await node.deploy(user('New', '^2.0.0'))
    expect(await node.call('/Samples/Old', 'says')).toMatchObject({ value: '1.0.0' })
    expect(await node.call('/Samples/New', 'says')).toMatchObject({ value: '2.0.0' })
    expect(usersOf(node)).toEqual(['1.0.0: samples_old depends', '2.0.0: samples_counter carries, samples_new depends'])
  })

  it('that are replaced restart their users alone, in the order of dependencies', async () => {
    const node = await startNode()
    await node.deploy(counter())
    await node.deploy(user('B', '1.0.0'))
    await node.deploy(user('A', '1.0.0', { dependsOn: ['Samples/B'] }))
    await node.deploy({ service: 'Samples/Other' })
    const pid = (garId: string) => node.node.instance(garId).pid
    const before = { a: pid('samples_a'), b: pid('samples_b'), other: pid('samples_other') }
    const started = node.log.length
    const report = await node.deploy(counter({ version: '2', stubs: [stubs('1.0.0', 'changed')] }))
    expect(report).toMatchObject({ outcome: 'done', packages: [{ status: 'UPDATED' }, { status: 'UPDATED' }] })
    expect(await node.call('/Samples/A', 'says')).toMatchObject({ value: 'changed' })
    expect(await node.call('/Samples/B', 'says')).toMatchObject({ value: 'changed' })
    const ready = node.log.slice(started).filter((line) => line.includes('"to":"ready"'))
    expect(ready.map((line) => /"garId":"(\w+)"/.exec(line)?.[1])).toEqual([
      'samples_counter',
      'samples_b',
      'samples_a',
    ])
    expect(pid('samples_other')).toBe(before.other)
    expect([pid('samples_a'), pid('samples_b')]).not.toContain(before.a)
    expect(node.notes('samples_b')).toEqual(['load 1', 'ready 1', 'load 1', 'ready 1'])
  })

  it('that one of their users does not come up with are not replaced at all', async () => {
    const node = await startNode()
    await node.deploy(counter())
    await node.deploy(user('Picky', '1.0.0', { on: { ready: "if (says !== '1.0.0') throw new Error('not these')" } }))
    const { pid } = node.node.instance('samples_picky')
    const report = await node.deploy(counter({ version: '2', stubs: [stubs('1.0.0', 'changed')] }))
    expect(report).toMatchObject({
      outcome: 'failed',
      cause: { code: 'DHN_STUBS_USER_FAILED', facts: { garId: 'samples_picky' } },
    })
    expect(await node.call('/Samples/Counter', 'version')).toMatchObject({ value: '1' })
    expect(node.node.instance('samples_picky')).toMatchObject({ state: 'ready', pid })
    expect(await node.node.restart('samples_picky').closed).toMatchObject({ outcome: 'done' })
    expect(await node.call('/Samples/Picky', 'says')).toMatchObject({ value: '1.0.0' })
    expect(node.node.stubs()).toHaveLength(1)
  })

  it('deployed alone serve whoever needs them, and go when nobody does', async () => {
    const node = await startNode()
    await node.deploy(counter())
    await node.deploy(user('Tally', '1.0.0'))
    await node.node.undeploy('samples_counter').closed
    const digest = node.node.stubs()[0]?.digest as string
    await node.stop()
    const again = await startNode({ home: node.home })
    expect(await again.call('/Samples/Tally', 'says')).toMatchObject({ value: '1.0.0' })
    expect(existsSync(again.home.stubs(encodeURIComponent(key), '1.0.0', digest))).toBe(true)
  })
})

describe('an archive of stubs alone', () => {
  const alone = (version: string, says = version) => ({
    name: 'stubs-only.tar.gz',
    bytes: makeServiceArchive(
      profileText({ packages: [{ name: 'counter-stubs', version, files: ['index.js'] }] }).replace(
        '<Name>Echo</Name>',
        '<Name>Counter</Name>',
      ),
      {
        'counter-stubs': {
          'index.js': `export const says = '${says}'\n`,
          'package.json': '{"name":"counter-stubs","type":"module"}',
        },
      },
    ),
  })

  it('is deployed, replaced under its users, and undeployed without a running instance of its own', async () => {
    const node = await startNode()
    const report = await node.deploy(alone('1.0.0'))
    expect(report).toMatchObject({
      outcome: 'done',
      garId: 'stubs-only',
      newInstances: [],
      packages: [{ status: 'ACTIVATED' }],
    })
    expect(node.node.show('stubs-only').instance).toBeUndefined()
    expect(() => node.node.restart('stubs-only')).toThrow('there is no running instance stubs-only')
    await node.deploy(user('Tally', '1.0.0'))
    expect(await node.deploy(alone('1.0.0', 'changed'))).toMatchObject({ outcome: 'done' })
    expect(await node.call('/Samples/Tally', 'says')).toMatchObject({ value: 'changed' })
    armFailpoints('store.commit=enospc:2')
    expect(await node.deploy(alone('1.0.0', 'again'))).toMatchObject({
      outcome: 'failed',
      packages: [{ status: 'FAILED' }],
    })
    armFailpoints('')
    expect(node.node.history('stubs-only')).toMatchObject([{ number: 3, verdict: 'failed' }, { live: true }, {}])
    expect(await node.call('/Samples/Tally', 'says')).toMatchObject({ value: 'changed' })
    await node.node.undeploy('stubs-only').closed
    expect(usersOf(node)).toEqual(['1.0.0: samples_tally depends'])
  })
})

describe('a service that depends on another', () => {
  const b: TestService = { service: 'Samples/B' }
  const a: TestService = { service: 'Samples/A', dependsOn: ['Samples/B'] }

  it('waits for it before it is ready, also when it is deployed first', async () => {
    const { begin, deploy, node, notes } = await startNode()
    const operation = await begin(a)
    await until(() => node.instances(false)[0]?.waitsFor.length === 1, 'it waits')
    expect(node.instance('samples_a')).toMatchObject({
      state: 'registered',
      waitsFor: ['Samples/B'],
      why: 'it waits for Samples/B',
    })
    expect(operation.report.steps.at(-1)).toMatchObject({ name: 'start', message: 'samples_a waits for Samples/B' })
    expect(await deploy(b)).toMatchObject({ outcome: 'done' })
    expect(await operation.closed).toMatchObject({ outcome: 'done' })
    expect(notes('samples_a')).toEqual(['load 1', 'ready 1'])
  })

  it('fails with what it waited for when that does not come in time', async () => {
    const limits = { start: 15_000, ready: 5_000, callback: 5_000, gates: 200, drain: 5_000, stop: 5_000 }
    const { deploy } = await startNode({ config: { limits } })
    const report = await deploy(a)
    expect(report).toMatchObject({
      outcome: 'failed',
      cause: { code: 'DHN_GATES_CLOSED', facts: { waitsFor: ['Samples/B'] } },
    })
  })

  it('is refused when that closes a circle', async () => {
    const { begin, deploy, node } = await startNode()
    const waiting = await begin(a)
    await until(() => node.instances(false).length === 1, 'the first one is on its way')
    const report = await deploy({ ...b, dependsOn: ['Samples/A'] })
    expect(report).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_DEPENDENCY_CYCLE' } })
    expect(report.cause?.message).toContain('Samples/B > Samples/A > Samples/B')
    await deploy(b)
    expect(await waiting.closed).toMatchObject({ outcome: 'done' })
  })

  it('is started again when its stubs are replaced while it waits', async () => {
    const node = await startNode()
    await node.deploy(counter())
    const waiting = await node.begin(user('Tally', '^1.0.0', { dependsOn: ['Samples/B'] }))
    await until(() => node.node.instances(false).some(({ waitsFor }) => waitsFor.length > 0), 'it waits')
    expect(await node.deploy(counter({ version: '2', stubs: [stubs('1.0.0', 'changed')] }))).toMatchObject({
      outcome: 'done',
    })
    expect(await node.call('/Samples/Tally', 'says')).toMatchObject({ status: 503 })
    await node.deploy(b)
    expect(await waiting.closed).toMatchObject({ outcome: 'done' })
    expect(await node.call('/Samples/Tally', 'says')).toMatchObject({ value: 'changed' })
    expect(node.node.history('samples_tally')).toMatchObject([{ verdict: 'ready' }])
    expect(node.node.stubs()).toMatchObject([{ users: [{ garId: 'samples_counter' }, { garId: 'samples_tally' }] }])
  })

  it('holds its address from its plan on, while it waits', async () => {
    const { begin, deploy } = await startNode()
    const waiting = await begin(a)
    await until(() => waiting.report.steps.at(-1)?.message !== undefined, 'it waits')
    const same = await deploy({ service: 'Samples/Other', names: ['Samples/A'] })
    expect(same).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_ADDRESS_TAKEN' } })
    await deploy(b)
    expect(await waiting.closed).toMatchObject({ outcome: 'done' })
  })

  it('starts after it and stops before it', async () => {
    const node = await startNode()
    await node.deploy(b)
    await node.deploy(a)
    const before = node.log.length
    await node.stop()
    const downs = node.log.slice(before).filter((line) => line.includes('"to":"down"'))
    expect(downs.map((line) => /"garId":"(\w+)"/.exec(line)?.[1])).toEqual(['samples_a', 'samples_b'])
    const again = await startNode({ home: node.home })
    const ready = again.log.filter((line) => line.includes('"to":"ready"'))
    expect(ready.map((line) => /"garId":"(\w+)"/.exec(line)?.[1])).toEqual(['samples_b', 'samples_a'])
  })
})
