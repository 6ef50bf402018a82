import { existsSync, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownHome } from '../../src/container/own-home.ts'
import { armFailpoints, failpoints } from '../../src/store/failpoint.ts'
import { startNode, type TestNode, until } from '../support/node.ts'
import type { TestService } from '../support/test-service.ts'

const echo = (version = '1', more: Partial<TestService> = {}): TestService => ({
  service: 'Samples/Echo',
  version,
  ...more,
})
const garId = 'samples_echo'
const path = '/Samples/Echo'
const folderOf = ({ node, home }: TestNode): string => home.deployments(garId, node.show(garId).digest)

describe('a node that is stopped and started', () => {
  it('brings back what was ready and what was disabled, as it was', async () => {
    const first = await startNode()
    await first.deploy(echo())
    await first.deploy({ service: 'Samples/Off' })
    await first.node.disable('Samples/Off')
    const { id } = first.node.instance(garId)
    await first.stop()
    const second = await startNode({ home: first.home })
    expect(second.node.instance(garId)).toMatchObject({ id, state: 'ready', number: 1, deployed: true })
    expect(second.node.instance('samples_off')).toMatchObject({ state: 'disabled', desired: 'disabled' })
    expect(await second.call('/Samples/Off', 'version')).toMatchObject({ status: 503 })
    expect(second.notes(garId)).toEqual(['load 1', 'ready 1', 'load 1', 'ready 1'])
    // It was never told ready(): it came up disabled.
    expect(second.notes('samples_off')).toEqual(['load 1', 'ready 1', 'disabled 1', 'load 1'])
    expect(await second.node.enable('samples_off')).toMatchObject({ state: 'ready', desired: 'ready' })
    expect(second.node.view()).toMatchObject({ state: 'running', instances: { ready: 2 } })
  })

  it('lets calls in flight end, and begins nothing any more', async () => {
    const { deploy, call, node, stop, begin } = await startNode()
    await deploy(echo())
    const slow = call(path, 'slow', 300)
    const stopping = stop()
    await expect(begin(echo('2'))).rejects.toMatchObject({ code: 'DHN_NODE_STOPPING' })
    expect(() => node.undeploy(garId)).toThrow('the node is being stopped')
    await stopping
    expect(await slow).toMatchObject({ status: 200 })
  })

  it('ends what is under way with a report that says so, and without a mark in the history', async () => {
    const first = await startNode()
    const operation = await first.begin(echo('1', { dependsOn: ['Samples/Never'] }))
    await until(() => first.node.instances(false).length === 1, 'it waits')
    await first.stop()
    expect(await operation.closed).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_NODE_STOPPING' } })
    const second = await startNode({ home: first.home })
    expect(second.node.list()).toEqual([])
    expect(second.node.operation(operation.id)?.report).toMatchObject({ cause: { code: 'DHN_NODE_STOPPING' } })
    expect(() => second.node.history(garId)).toThrow()
  })

  it('is owned by one process, and by the next when that has ended', async () => {
    const { home, stop, log } = await startNode()
    const quiet = { info() {}, warn() {}, error() {} }
    await expect(ownHome(home, '0.0.0', quiet)).rejects.toMatchObject({ code: 'DHN_HOME_LOCKED' })
    await stop()
    await (await ownHome(home, '0.0.0', quiet)).release()
    expect(log.at(-1)).toContain('every running instance is down')
  })

  it('starts although one of its services fails, and fails that one alone', async () => {
    const first = await startNode()
    await first.deploy(echo())
    await first.deploy({
      service: 'Samples/Moody',
      imports: "import { existsSync } from 'node:fs'",
      on: { ready: "if (existsSync(join(NAL.getPersistentDirectory(), 'bad'))) throw new Error('bad mood')" },
    })
    await writeFile(first.home.var('state', 'samples_moody', 'bad'), '')
    await first.stop()
    const second = await startNode({ home: first.home })
    expect(second.node.view().state).toBe('running')
    expect(second.node.instance(garId)).toMatchObject({ state: 'ready' })
    await until(() => second.node.instance('samples_moody').restarts.gaveUp, 'it gave up')
    expect(second.node.instance('samples_moody')).toMatchObject({ state: 'failed', desired: 'ready' })
    expect(await second.deploy({ service: 'Samples/Moody', version: '2' })).toMatchObject({ outcome: 'done' })
  })
})

describe('recovery', () => {
  it('makes a deployment anew whose folder is gone or damaged', async () => {
    const first = await startNode()
    await first.deploy(echo())
    const folder = folderOf(first)
    await first.stop()
    await rm(join(folder, 'deployment.json'))
    await rm(join(folder, 'lib'), { recursive: true })
    const second = await startNode({ home: first.home })
    expect(await second.call(path, 'version')).toMatchObject({ status: 200, value: '1' })
    expect(second.log.join()).toContain('a deployment was incomplete and is made anew')
  })

  it('makes the manifest of an earlier dhn anew, which knew nothing of security descriptors', async () => {
    const first = await startNode()
    await first.deploy(echo())
    const file = join(folderOf(first), 'deployment.json')
    await first.stop()
    const { security, ...earlier } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
    await writeFile(file, JSON.stringify({ ...earlier, format: 1 }))
    const second = await startNode({ home: first.home })
    expect(await second.call(path, 'version')).toMatchObject({ status: 200 })
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ format: 2, security })
  })

  it('fails one whose archive is gone too, says why, keeps what was desired, and takes the archive again', async () => {
    const first = await startNode()
    await first.deploy(echo())
    const { digest } = first.node.show(garId)
    const folder = folderOf(first)
    await first.stop()
    await rm(folder, { recursive: true })
    await rm(first.home.archives(digest))
    const second = await startNode({ home: first.home })
    expect(second.node.instance(garId)).toMatchObject({
      state: 'failed',
      desired: 'ready',
      cause: { code: 'DHN_CONTENT_MISSING', next: expect.stringContaining('samples_echo.gar') },
    })
    expect(() => second.node.restart(garId)).toThrow('are not on this node any more')
    expect(await second.deploy(echo())).toMatchObject({ outcome: 'done' })
    expect(await second.call(path, 'version')).toMatchObject({ status: 200 })
  })

  it('removes what the store does not name, and leaves what is the operator’s', async () => {
    const first = await startNode()
    await first.deploy(echo())
    await first.stop()
    const { home } = first
    const rubbish = [
      home.deployments('old', 'digest', 'lib'),
      home.deployments(garId, 'digest'),
      home.stubs('a', 'b', 'c'),
      home.staging('half'),
      home.var('flight', 'old', '.half.new'),
    ]
    for (const folder of rubbish) await mkdir(folder, { recursive: true })
    await writeFile(home.archives('digest'), '')
    const links = [home.deployments('node_modules', '.half'), home.stubs('node_modules', '.half')]
    for (const link of links) await symlink('/nowhere', link)
    const kept = [home.etc('credentials', 'mine.pem'), home.var('state', 'old'), home.log('old.log')]
    for (const file of kept) await writeFile(file, '')
    const second = await startNode({ home })
    expect([...rubbish, home.archives('digest'), home.deployments('old')].filter(existsSync)).toEqual([])
    expect(links.filter((link) => lstatSync(link, { throwIfNoEntry: false }) !== undefined)).toEqual([])
    expect(kept.every(existsSync)).toBe(true)
    expect(await second.call(path, 'version')).toMatchObject({ status: 200 })
    expect(existsSync(readlinkSync(home.deployments('node_modules', 'dhn')))).toBe(true)
  })
})

describe('a disk that takes no more', () => {
  const points = failpoints.filter((name) => /^deploy\.(?!committed|switched|old)/.test(name))

  it('fails an upgrade at each step with the cause, changes nothing, and is forgotten when there is space again', async () => {
    const { deploy, call, node, home } = await startNode()
    await deploy(echo('1'))
    for (const point of [...points.map((name) => `${name}=enospc`), 'store.commit=eio:2', 'store.commit=enospc']) {
      armFailpoints(point)
      const report = await deploy(echo('2'))
      expect([point, report.outcome]).toEqual([point, 'failed'])
      expect(report.cause?.message).toMatch(/ENOSPC|EIO/)
      expect(await call(path, 'version')).toMatchObject({ status: 200, value: '1' })
      expect(node.show(garId)).toMatchObject({ number: 1 })
      await until(() => readdirSync(home.staging()).length === 0, `nothing is left of what failed at ${point}`)
    }
    armFailpoints('')
    expect(await deploy(echo('2'))).toMatchObject({ outcome: 'done' })
    expect(await call(path, 'version')).toMatchObject({ value: '2' })
  })

  it('knows how an operation ended whose report could not be kept, and keeps it with the next', async () => {
    const { deploy, node, store } = await startNode()
    armFailpoints('store.commit=eio:3')
    const { id, outcome } = await deploy(echo())
    expect([outcome, store.report(id)]).toMatchObject(['done', { status: 'OPEN' }])
    expect([node.operations()[0], node.operation(id)?.report]).toMatchObject([
      { id, outcome },
      { id, outcome },
    ])
    await deploy(echo())
    expect(store.report(id)).toMatchObject({ status: 'CLOSED', outcome })
  })

  it('leaves a service where it is that can’t be undeployed, disabled or enabled durably', async () => {
    const { deploy, call, node } = await startNode()
    await deploy(echo('1'))
    armFailpoints('store.commit=enospc:2')
    expect(await node.undeploy(garId).closed).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_STORE_FAILED' } })
    armFailpoints('store.commit=enospc')
    await expect(node.disable(garId)).rejects.toMatchObject({ code: 'DHN_STORE_FAILED' })
    expect(node.instance(garId)).toMatchObject({ state: 'ready', desired: 'ready' })
    expect(await call(path, 'version')).toMatchObject({ status: 200 })
    armFailpoints('')
  })
})
