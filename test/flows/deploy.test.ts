import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startNode, type TestNode, until } from '../support/node.ts'
import { archiveOf, type TestService } from '../support/test-service.ts'

const echo = (version: string, more: Partial<TestService> = {}): TestService => ({
  service: 'Samples/Echo',
  version,
  ...more,
})
const path = '/Samples/Echo'
const garId = 'samples_echo'
const broken = { on: { ready: "throw new Error('no database')" } }

/** What lies in the folders of content: nothing but what is named. */
function content({ home }: TestNode): Record<string, string[]> {
  const list = (folder: string): string[] =>
    (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name !== 'node_modules' && name !== '.staging')
  return {
    deployments: list(home.deployments()).flatMap((id) =>
      list(home.deployments(id)).map((digest) => `${id}/${digest}`),
    ),
    archives: list(home.archives()),
    stubs: list(home.stubs()),
    staging: list(home.staging()),
  }
}
const nothing = { deployments: [], archives: [], stubs: [], staging: [] }

describe('a deploy', () => {
  it('ends with a service that is ready and answers, and with a report that says how', async () => {
    const node = await startNode()
    const report = await node.deploy(echo('1'))
    expect(report).toMatchObject({
      type: 'DEPLOY',
      status: 'CLOSED',
      outcome: 'done',
      garId,
      lastLines: [],
      problems: [],
    })
    expect(report.steps.map(({ name }) => name)).toEqual(['read', 'stage', 'sync', 'place', 'start', 'switch', 'drain'])
    expect(report.steps.every(({ durationMs }) => durationMs !== undefined && durationMs >= 0)).toBe(true)
    expect(report.packages).toMatchObject([
      { serviceClass: 'Samples', serviceName: 'Echo', packageName: garId, status: 'ACTIVATED' },
    ])
    const addresses = ['https://localhost:8443/Samples/Echo', 'http://localhost:8080/Samples/Echo']
    expect(report.newInstances).toMatchObject([{ serviceClass: 'Samples', serviceName: 'Echo', addresses }])
    expect(await node.call(path, 'version')).toMatchObject({ status: 200, value: '1' })
    expect(node.node.instance(report.newInstances[0]?.id ?? '')).toMatchObject({
      state: 'ready',
      addresses,
      deployed: true,
    })
    expect(node.node.operation(report.id)?.report).toEqual(report)
    expect(await node.call(path, 'echo', 'x')).toMatchObject({ status: 200, value: 'x' })
  })

  it('tells how it goes to everyone who follows it', async () => {
    const { begin } = await startNode()
    const operation = await begin(echo('1'))
    const seen: string[] = []
    operation.follow((report) => seen.push(`${report.status} ${report.steps.at(-1)?.name ?? ''}`))
    await operation.closed
    expect(seen.at(-1)).toBe('CLOSED drain')
    expect([...new Set(seen)].map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['read', 'stage', 'sync', 'place', 'start', 'switch', 'drain']),
    )
    const late: string[] = []
    operation.follow((report) => late.push(report.status))
    expect(late).toEqual(['CLOSED'])
  })

  it('of the archive that is live already changes nothing, also when both come at once', async () => {
    const node = await startNode()
    const both = await Promise.all([node.begin(echo('1')), node.begin(echo('1'))])
    const reports = await Promise.all(both.map(({ closed }) => closed))
    // Which of the two comes first is anybody's guess: both are read before either has its turn.
    expect(reports.map(({ outcome }) => outcome).sort()).toEqual(['done', 'unchanged'])
    const second = reports.find(({ outcome }) => outcome === 'unchanged')
    expect(second?.packages).toMatchObject([{ status: 'ALREADYDEPLOYED' }])
    expect(node.node.history(garId)).toHaveLength(1)
    expect(node.notes(garId)).toEqual(['load 1', 'ready 1'])
  })

  it('that fails leaves nothing behind but what it says of itself, and can be repeated', async () => {
    const node = await startNode()
    const failed = await node.deploy(echo('1', { ...broken, body: "static { console.log('a last word') }" }))
    expect(failed).toMatchObject({ outcome: 'failed', cause: { message: expect.stringContaining('no database') } })
    expect(failed.lastLines.join()).toContain('a last word')
    expect(failed.packages).toMatchObject([{ status: 'FAILED', message: expect.stringContaining('no database') }])
    expect(node.node.list()).toEqual([])
    expect(content(node)).toEqual(nothing)
    expect(node.node.history(garId)).toMatchObject([{ number: 1, verdict: 'failed', live: false }])
    expect(node.node.instance(garId)).toMatchObject({
      state: 'failed',
      deployed: false,
      why: expect.stringContaining('no database'),
    })
    expect((await node.node.lastLines(garId, 100)).join()).toContain('a last word')
    expect(await node.call(path, 'version')).toMatchObject({ status: 404 })
    expect(await node.deploy(echo('2'))).toMatchObject({ outcome: 'done' })
    expect(node.node.history(garId)).toMatchObject([{ number: 2, verdict: 'ready', live: true }, { number: 1 }])
  })

  it('of what is no archive fails with the cause, and leaves nothing', async () => {
    const node = await startNode()
    const report = await node.deploy({ name: 'x.gar', bytes: Buffer.from('not an archive') })
    expect(report).toMatchObject({
      outcome: 'failed',
      garId: 'x',
      cause: { code: expect.stringMatching(/^DHN_ARCHIVE/) },
    })
    expect(content(node)).toEqual(nothing)
    expect(() => node.node.history('x')).toThrow('x is not deployed here')
  })

  it('lets nobody in before it is ready, and says so', async () => {
    const node = await startNode()
    const slow = 'await new Promise((resolve) => setTimeout(resolve, 300))'
    const operation = await node.begin(echo('1', { on: { ready: slow } }))
    await new Promise<void>((resolve) => {
      operation.follow((report) => report.steps.at(-1)?.name === 'start' && resolve())
    })
    expect(await node.call(path, 'version')).toMatchObject({ status: 503, refused: 'DHN_NOT_READY_YET', retryAfter: 1 })
    expect(node.node.instances(false)).toMatchObject([{ garId, deployed: false }])
    await operation.closed
    expect(await node.call(path, 'version')).toMatchObject({ status: 200 })
  })

  it('in secure mode is served by nobody who is not known, and its method check comes first', async () => {
    const node = await startNode()
    const report = await node.deploy(echo('1'), { mode: 'secure' })
    expect(report.newInstances[0]?.addresses).toEqual(['https://localhost:8443/Samples/Echo'])
    expect(await node.call(path, 'version')).toMatchObject({ status: 401, value: 'Unauthorized query' })
    expect(await node.call(path, 'nonsense')).toMatchObject({ status: 501, value: 'Unknown method nonsense' })
  })

  it('in a mode that it has no descriptor for is refused', async () => {
    const { deploy } = await startNode()
    const openOnly = await deploy(echo('1', { modes: ['open'] }), { mode: 'secure' })
    expect(openOnly).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_DESCRIPTOR_MISSING' } })
    const secureOnly = await deploy(echo('1', { modes: ['secure'] }), { mode: 'open' })
    expect(secureOnly).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_DESCRIPTOR_MISSING' } })
  })

  it('of a service whose class and name, or whose address, is another’s is refused', async () => {
    const { deploy, node } = await startNode()
    await deploy(echo('1'))
    const sameName = { service: 'Samples/Other', registers: "'Samples', 'Echo'" }
    expect(await deploy(sameName)).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_RI_NAME_TAKEN' } })
    // The pair counts, not what it reads like when it is written together.
    expect(await deploy({ service: 'Samples/Near', registers: "'SamplesE', 'cho'" })).toMatchObject({ outcome: 'done' })
    const sameAddress = { service: 'Samples/Third', names: ['Samples/Third', 'Samples/Echo'] }
    expect(await deploy(sameAddress)).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_ADDRESS_TAKEN' } })
    expect(node.list().map((one) => one.garId)).toEqual(['samples_echo', 'samples_near'])
  })

  it('on a node that is not what it requires is refused with what it has', async () => {
    const { deploy } = await startNode()
    const requirements =
      '<GHNRequirements><Requirement category="OPERATING_SYSTEM" requirement="OS" value="BeOS" operator="eq"/></GHNRequirements>'
    const report = await deploy(echo('1', { requirements }))
    expect(report).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_REQUIREMENTS_UNMET' } })
    expect(report.packages).toMatchObject([{ status: 'NOTVERIFIED' }])
  })
})

describe('a plan', () => {
  it('says what a deploy, a rollback and an undeploy would change, and changes nothing', async () => {
    const node = await startNode()
    const plan = async (service: TestService, mode: 'open' | 'secure' = 'open') => {
      const { name, bytes } = archiveOf(service)
      const file = node.home.staging('planned')
      await writeFile(file, bytes)
      return node.node.plan({ file, name, mode, lenient: false })
    }
    expect(await plan(echo('1'))).toMatchObject({
      outcome: 'changes',
      to: { mode: 'open' },
      unprotected: ['Samples/Echo/*'],
    })
    expect(content(node)).toEqual({ ...nothing, staging: ['planned'] })
    await node.deploy(echo('1'))
    expect(await plan(echo('1'))).toMatchObject({ outcome: 'unchanged' })
    expect(await plan(echo('1'), 'secure')).toMatchObject({ outcome: 'changes', from: { number: 1 } })
    expect(await plan({ service: 'A/B', names: ['Samples/Echo'] })).toMatchObject({
      outcome: 'impossible',
      errors: [{ code: 'DHN_ADDRESS_TAKEN' }],
    })
    expect(node.node.planUndeploy(garId)).toMatchObject({ outcome: 'changes' })
    expect(node.node.planRollback(garId)).toMatchObject({
      outcome: 'impossible',
      errors: [{ code: 'DHN_NO_EARLIER_VERSION' }],
    })
    expect(node.node.history(garId)).toHaveLength(1)
  })
})

describe('an upgrade', () => {
  it('starts beside the old version, takes over, and stops the old one', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const { id, pid } = node.node.instance(garId)
    const report = await node.deploy(echo('2'))
    expect(report).toMatchObject({ outcome: 'done', packages: [{ status: 'UPDATED' }] })
    expect(await node.call(path, 'version')).toMatchObject({ value: '2' })
    expect(node.node.instance(garId)).toMatchObject({ id, number: 2, state: 'ready' })
    expect(() => process.kill(pid as number, 0)).toThrow()
    expect(node.notes(garId)).toEqual(['load 1', 'ready 1', 'load 2', 'ready 2'])
    expect(node.node.history(garId)).toMatchObject([
      { number: 2, verdict: 'ready', live: true },
      { number: 1, verdict: 'ready', live: false },
    ])
  })

  it('that fails leaves the old version as it is, serving', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const before = content(node)
    const { pid } = node.node.instance(garId)
    const report = await node.deploy(echo('2', broken))
    expect(report).toMatchObject({ outcome: 'failed', cause: { message: expect.stringContaining('no database') } })
    expect(await node.call(path, 'version')).toMatchObject({ value: '1' })
    expect(node.node.instance(garId)).toMatchObject({ state: 'ready', number: 1, pid })
    expect(node.notes(garId)).toEqual(['load 1', 'ready 1', 'load 2', 'ready 2', 'failed 2'])
    expect(content(node)).toEqual(before)
    expect(node.node.history(garId)).toMatchObject([
      { number: 2, verdict: 'failed' },
      { number: 1, live: true },
    ])
  })

  it('changes the mode, and the addresses that there are', async () => {
    const node = await startNode()
    await node.deploy(echo('1', { names: ['Samples/Echo', 'Samples/Old'] }), { mode: 'secure' })
    expect(await node.call('/Samples/Old', 'version')).toMatchObject({ status: 401 })
    await node.deploy(echo('1', { names: ['Samples/Echo', 'Samples/Old'] }), { mode: 'open' })
    expect(await node.call('/Samples/Old', 'version')).toMatchObject({ status: 200 })
    expect(content(node).deployments).toHaveLength(1)
    await node.deploy(echo('2', { names: ['Samples/Echo', 'Samples/New'] }))
    expect(await node.call('/Samples/Old', 'version')).toMatchObject({ status: 404 })
    expect(await node.call('/Samples/New', 'version')).toMatchObject({ status: 200, value: '2' })
  })

  it('lets calls in flight end on the old version', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const slow = node.call(path, 'slow', 600)
    await node.deploy(echo('2'))
    expect(await slow).toMatchObject({ status: 200, value: '1' })
  })

  it('under load fails no call', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const seen = new Map<string, number>()
    let going = true
    const caller = async (): Promise<void> => {
      while (going) {
        const { status, value } = await node.call(path, 'version')
        seen.set(`${status} ${value}`, (seen.get(`${status} ${value}`) ?? 0) + 1)
      }
    }
    const callers = Array.from({ length: 16 }, caller)
    for (const version of ['2', '3', '4']) await node.deploy(echo(version))
    going = false
    await Promise.all(callers)
    expect([...seen.keys()].sort()).toEqual(['200 1', '200 2', '200 3', '200 4'])
  })

  it('keeps the files of the newest three ready versions', async () => {
    const node = await startNode()
    for (const version of ['1', '2', '3', '4']) await node.deploy(echo(version))
    await node.stop()
    expect(content(node)).toMatchObject({ deployments: { length: 3 }, archives: { length: 3 }, staging: [] })
  })
})

describe('an upgrade of what is disabled', () => {
  it('comes up disabled, and is a candidate for rollback once it has been ready', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    await node.node.disable(garId)
    expect(await node.deploy(echo('2'))).toMatchObject({ outcome: 'done' })
    expect(node.node.instance(garId)).toMatchObject({ state: 'disabled', desired: 'disabled', number: 2 })
    expect(node.notes(garId)).toEqual(['load 1', 'ready 1', 'disabled 1', 'load 2'])
    expect(node.node.history(garId)[0]).toMatchObject({ number: 2, verdict: 'untried' })
    await node.node.enable(garId)
    await until(() => node.node.history(garId)[0]?.verdict === 'ready', 'its verdict is known')
    expect(await node.call(path, 'version')).toMatchObject({ value: '2' })
  })
})

describe('a rollback', () => {
  it('goes to the newest version before the live one that was ready', async () => {
    const node = await startNode()
    for (const service of [echo('1'), echo('2'), echo('3', broken), echo('4')]) await node.deploy(service)
    expect(node.node.planRollback(garId)).toMatchObject({ outcome: 'changes', from: { number: 4 } })
    expect(await node.node.rollback(garId).closed).toMatchObject({ type: 'ROLLBACK', outcome: 'done' })
    expect(await node.call(path, 'version')).toMatchObject({ value: '2' })
    expect(node.node.history(garId)[0]).toMatchObject({ number: 5, again: 2, verdict: 'ready', live: true })
    // Not back to the version that one has just left.
    expect(await node.node.rollback(garId).closed).toMatchObject({ outcome: 'done' })
    expect(await node.call(path, 'version')).toMatchObject({ value: '1' })
    const last = await node.node.rollback(garId).closed
    expect(last).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_NO_EARLIER_VERSION' } })
    expect(await node.call(path, 'version')).toMatchObject({ value: '1' })
  })

  it('brings back the mode that the version had', async () => {
    const node = await startNode()
    await node.deploy(echo('1'), { mode: 'secure' })
    await node.deploy(echo('2'), { mode: 'open' })
    await node.node.rollback(garId).closed
    expect(await node.call(path, 'version')).toMatchObject({ status: 401 })
  })

  it('makes the version anew from its archive when its files are gone', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const { digest } = node.node.show(garId)
    await node.deploy(echo('2'))
    const { rm } = await import('node:fs/promises')
    await rm(node.home.deployments(garId, digest), { recursive: true })
    expect(await node.node.rollback(garId).closed).toMatchObject({ outcome: 'done' })
    expect(await node.call(path, 'version')).toMatchObject({ value: '1' })
  })
})

describe('an undeploy', () => {
  it('answers the calls in flight, then nothing is left of it', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const slow = node.call(path, 'slow', 300)
    const operation = node.node.undeploy(garId)
    const report = await operation.closed
    expect(report).toMatchObject({ type: 'UNDEPLOY', outcome: 'done', packages: [{ status: 'UNDEPLOYED' }] })
    expect(await slow).toMatchObject({ status: 200, value: '1' })
    expect(await node.call(path, 'version')).toMatchObject({ status: 404 })
    expect(node.node.list()).toEqual([])
    expect(node.node.instances(false)).toEqual([])
    expect(node.node.instances(true)).toMatchObject([{ garId, state: 'down', deployed: false }])
    expect(() => node.node.undeploy(garId)).toThrow('samples_echo is not deployed here')
    await node.stop()
    expect(content(node)).toEqual(nothing)
  })

  it('is followed by a deploy under the next number and the same instance id', async () => {
    const node = await startNode()
    await node.deploy(echo('1'))
    const { id } = node.node.instance(garId)
    await node.node.undeploy(garId).closed
    await node.deploy(echo('1'))
    expect(node.node.instance('Samples/Echo')).toMatchObject({ id, number: 2, state: 'ready' })
    expect(node.notes(garId)).toEqual(['load 1', 'ready 1', 'load 1', 'ready 1'])
  })
})
