import { describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import type { Isolation } from '../../src/isolate/place.ts'
import { startNode, type TestNode, until } from '../support/node.ts'
import { rungs } from '../support/place.ts'
import type { TestService } from '../support/test-service.ts'

const garId = 'test_shares'
const service = (version = '1', given: Partial<TestService> = {}): TestService => ({
  service: 'Test/Shares',
  version,
  globals: { stateless: 'true' },
  wsdd: { scope: 'Application' },
  imports: "import { threadId } from 'node:worker_threads'",
  ...given,
  body: `
    id = process.pid + '/' + threadId
    leases = new Map()
    init({ shared }) { this.shared = shared }
    async export_get(key) { return S_OK((await this.shared.get(key)) ?? null) }
    async export_set(key, value) { await this.shared.set(key, value); return S_OK(true) }
    async export_keys() { return S_OK(await this.shared.keys()) }
    async export_add(key) {
      for (;;) {
        const count = await this.shared.get(key)
        if (await this.shared.replace(key, count, (count ?? 0) + 1)) return S_OK(count ?? 0)
      }
    }
    async export_hold(name, ttl) {
      const lease = await this.shared.lease(name, { ttl })
      if (lease) this.leases.set(name, lease)
      return S_OK(lease ? this.id : null)
    }
    export_lost(name) { return S_OK(this.leases.get(name)?.lost.aborted ?? null) }
    export_endIf(id) { if (id === this.id) process.exit(1); return S_OK(null) }
    export_blockIf(id, ms) {
      if (id === this.id) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
      return S_OK(id === this.id)
    }
    async export_fill(count, bytes) {
      const keys = Array.from({ length: count }, (_, i) => 'key-' + i)
      const outcomes = await Promise.allSettled(keys.map((key) => this.shared.set(key, 'x'.repeat(bytes))))
      const failed = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason)
      return S_OK([failed.length, failed[0]?.constructor.name, failed[0]?.what, failed[0]?.limit])
    }
    ${given.body ?? ''}`,
})
const config = (count: number, isolation: Isolation = 'process'): Partial<ContainerConfig> => ({
  instances: { otherwise: 1, of: new Map([[garId, count]]) },
  isolation: { otherwise: isolation, processes: [], threads: [], archivesChoose: false },
})
const shared = ({ node }: TestNode) => node.instance(garId).shared

/** What was returned; undefined for a call that failed. */
async function answered(node: TestNode, method: string, ...args: unknown[]): Promise<unknown> {
  const { status, value = null } = await node.call('/Test/Shares', method, ...args)
  return status === 200 ? value : undefined
}

/** Asks again and again, and so one place after the other, until one answers what is `wanted`. */
async function asked(node: TestNode, wanted: (value: unknown) => boolean, method: string, ...args: unknown[]) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const value = await answered(node, method, ...args)
    if (wanted(value)) return value
    if (Date.now() > deadline) throw new Error(`${method} is answered ${JSON.stringify(value)} again and again`)
  }
}
const isText = (value: unknown): boolean => typeof value === 'string'

describe.each(rungs)('several places of one running instance, each a %s', (isolation) => {
  it('share values, count without loss, and have a lease one at a time, which the end of its holder gives back', async () => {
    const node = await startNode({ config: config(2, isolation) })
    expect(await node.deploy(service())).toMatchObject({ outcome: 'done' })
    expect(shared(node)).toBeUndefined()
    const counts = await Promise.all(Array.from({ length: 40 }, () => answered(node, 'add', 'count')))
    expect(counts.sort((one, other) => Number(one) - Number(other))).toEqual(counts.map((_, index) => index))

    const answers = await Promise.all(Array.from({ length: 8 }, () => answered(node, 'hold', 'nightly')))
    const holders = answers.filter(isText)
    expect(holders).toHaveLength(1)
    expect(shared(node)).toEqual({ keys: 1, bytes: 7, leases: 1 })
    const [first] = holders
    await asked(node, (value) => value === undefined, 'endIf', first)
    const ended = performance.now()
    expect(await asked(node, isText, 'hold', 'nightly')).not.toBe(first)
    expect(performance.now() - ended).toBeLessThan(5000)
    expect(await answered(node, 'get', 'count')).toBe(40)
  })
})

describe('what a running instance shares', () => {
  it('is not held by one whose event loop is blocked, who hears of it as soon as it comes round', async () => {
    const node = await startNode({ config: config(2) })
    await node.deploy(service())
    const first = await asked(node, isText, 'hold', 'work', 1000)
    const blocked = Promise.all(Array.from({ length: 2 }, () => answered(node, 'blockIf', first, 2500)))
    const began = performance.now()
    const next = await asked(node, isText, 'hold', 'work', 1000)
    expect(next).not.toBe(first)
    expect(performance.now() - began).toBeGreaterThan(500)
    expect((await blocked).sort()).toEqual([false, true])
    await asked(node, (value) => value === true, 'lost', 'work')
    expect(await answered(node, 'hold', 'work', 1000)).toBeNull()
  })

  it('goes over to new versions, back with a rollback and over a restart of the node, and goes with the deployment', async () => {
    const node = await startNode()
    await node.deploy(service('1', { on: { ready: "await NAL.getSharedState().set('readied', '1')" } }))
    await answered(node, 'set', 'kept', { by: 1 })
    await node.deploy(service('2'))
    expect(await answered(node, 'get', 'kept')).toEqual({ by: 1 })
    await answered(node, 'set', 'kept', { by: 2 })
    await node.node.rollback(garId).closed
    expect([await answered(node, 'version'), await answered(node, 'get', 'kept')]).toEqual(['1', { by: 2 }])
    expect(await node.deploy(service('3', { on: { ready: 'throw new Error()' } }))).toMatchObject({ outcome: 'failed' })
    await node.stop()

    const again = await startNode({ home: node.home })
    expect(await answered(again, 'get', 'kept')).toEqual({ by: 2 })
    // Another GAR of the same code sees nothing of it.
    await again.deploy(service('1', { service: 'Test/Other' }))
    expect((await again.call('/Test/Other', 'keys')).value).toEqual([])

    await again.node.undeploy(garId).closed
    expect(again.store.shared.garIds()).toEqual([])
    await again.deploy(service('1'))
    expect(await answered(again, 'keys')).toEqual([])
  })

  it('leaves nothing behind of a first version that does not come up', async () => {
    const node = await startNode()
    const ready = "await NAL.getSharedState().set('a', 1); throw new Error()"
    expect(await node.deploy(service('1', { on: { ready } }))).toMatchObject({ outcome: 'failed' })
    expect(node.store.shared.garIds()).toEqual([])
  })

  it('is bounded, and a flood of requests neither fails nor keeps others from their answers', async () => {
    const node = await startNode()
    await node.deploy(service())
    await node.deploy({ service: 'Test/Neighbour' })
    expect(await answered(node, 'fill', 140, 65_000)).toEqual([11, 'SharedFull', 'bytes', 8 * 1024 * 1024])
    expect(shared(node)).toMatchObject({ keys: 129, leases: 0 })

    const flood = answered(node, 'fill', 3000, 10)
    let isOver = false
    void flood.finally(() => {
      isOver = true
    })
    const times: number[] = []
    while (!isOver) {
      const began = performance.now()
      expect((await node.call('/Test/Neighbour', 'version')).status).toBe(200)
      times.push(performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(await flood).toEqual([0, null, null, null])
    expect(times.sort((one, other) => one - other)[Math.floor(times.length * 0.9)]).toBeLessThan(100)
    expect(shared(node)?.keys).toBe(3000)
  })
})

describe('a process that asks for what is shared without the SDK', () => {
  it.each([
    ['too much at a time', '{"what":"shared","id":1,"request":{"do":"get","key":"k"}}', 5000, 'too many requests'],
    ['what the SDK refuses', '{"what":"shared","id":1,"request":{"do":"get","key":""}}', 1, 'a request for what is'],
    ['with a message of 17 MB', `{"what":"${'x'.repeat(17_000_000)}"}`, 1, 'a message that is too long'],
  ])('%s is ended, and its neighbours are unharmed', async (_, text, times, cause) => {
    const node = await startNode({ config: { heapMegabytes: 256 } })
    await node.deploy({ service: 'Test/Neighbour' })
    const [beginning, length] = [text.slice(0, 90), text.length]
    const body = `
      export_flood() {
        const text = Buffer.from(${JSON.stringify(beginning)} + ${length > 90 ? `'x'.repeat(${length - 90})` : "''"})
        const head = Buffer.alloc(5)
        head.writeUInt32LE(text.length + 1)
        const all = Buffer.concat(Array.from({ length: ${times} }, () => [head, text]).flat())
        for (let at = 0; at < all.length; ) {
          try { at += writeSync(3, all, at) } catch (error) { if (error.code !== 'EAGAIN') throw error }
        }
      }`
    await node.deploy(service('1', { body, imports: "import { writeSync } from 'node:fs'; const threadId = 0" }))
    void answered(node, 'flood')
    await until(() => node.log.some((line) => line.includes(cause)), 'it is ended')
    expect(node.log.join('\n')).toContain('DHN_FRAME_INVALID')
    expect((await node.call('/Test/Neighbour', 'version')).status).toBe(200)
  })
})
