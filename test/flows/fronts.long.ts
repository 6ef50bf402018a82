import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Configuration, initializeHome, readConfiguration } from '../../src/config.ts'
import type { FlightView, InstanceView, NodeView } from '../../src/container/views.ts'
import { askSocket } from '../support/admin.ts'
import { composeNode, type TestComposed } from '../support/composed.ts'
import { deployTo } from '../support/deploy-to.ts'
import { dhn } from '../support/dhn.ts'
import { call } from '../support/doors.ts'
import { until } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { TestService } from '../support/test-service.ts'

const service = (version = '1'): TestService => ({
  service: 'Test/Who',
  version,
  body: `
    export_who() { return S_OK(process.pid) }
    export_big(length) { return S_OK('x'.repeat(length)) }
    export_slow(ms) { return new Promise((resolve) => setTimeout(() => resolve(S_OK(process.pid)), ms)) }`,
})

/** A node with two fronts; what is asked of its doors goes over plain HTTP, on connections of their own. */
async function nodeWithFronts(given: Partial<Configuration> = {}): Promise<TestComposed & { readonly base: string }> {
  const home = join(temporaryFolder(), 'h')
  await initializeHome(home)
  const { transport } = readConfiguration(home)
  const node = await composeNode({ home, configuration: { transport: { ...transport, fronts: 2 }, ...given } })
  const { addresses } = await node.composed.start()
  return { ...node, base: addresses[1] as string }
}

/** Asks once: resolves with the status, 0 when there was no answer. */
function ask(url: string, agent: Agent, body = call('slow', [5])): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.once('end', () => resolve({ status: response.statusCode as number, body: text }))
      response.once('error', () => resolve({ status: 0, body: '' }))
    })
    asked.once('error', () => resolve({ status: 0, body: '' })).end(body)
  })
}

/** Calls on as many connections without a pause until `end`; resolves with what wasn't answered with 200. */
async function calling(
  url: string,
  callers: number,
  end: Promise<unknown>,
): Promise<{ failed: number[]; done: number }> {
  let goesOn = true
  const failed: number[] = []
  let done = 0
  const caller = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (goesOn) {
      const { status } = await ask(url, agent)
      if (status === 200) done += 1
      else failed.push(status)
    }
    agent.destroy()
  }
  const callings = Array.from({ length: callers }, caller)
  await end
  goesOn = false
  await Promise.all(callings)
  return { failed, done }
}

const admin = async <T>({ home }: TestComposed, path: string): Promise<T> =>
  (await askSocket(join(home, 'run/admin.sock'), 'get', path)).json as T
const metrics = async ({ home }: TestComposed): Promise<string> =>
  (await askSocket(join(home, 'run/admin.sock'), 'get', '/metrics')).text

/** Resolves when what the node measures is as it should be: fronts tell of it once a second. */
async function untilMetrics(node: TestComposed, holds: (text: string) => boolean): Promise<void> {
  await expect.poll(async () => holds(await metrics(node)), { timeout: 10_000 }).toBe(true)
}

const sumOf = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0)

/** Children of a process that run `file`. */
function childrenWith(file: string, of = process.pid): number[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!Number.isInteger(pid)) return []
    try {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1])
      return parent === of && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(file) ? [pid] : []
    } catch {
      return []
    }
  })
}

describe('a node with two fronts', () => {
  it('serves calls and pages at both, counts them, and loses no call while it is deployed to', async () => {
    const node = await nodeWithFronts()
    expect(childrenWith('dist/front.js')).toHaveLength(2)
    const [address = ''] = await deployTo(node.home, service())
    const redeploys = (async () => {
      for (const version of ['2', '3', '4']) await deployTo(node.home, service(version))
    })()
    const { failed, done } = await calling(address, 16, redeploys)
    expect(failed).toEqual([])
    await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_total\{.*status="2xx"\} (\d+)$/gm) === done)
    expect(await metrics(node)).toMatch(/^dhn_front_memory_bytes\{front="1"\} \d+$/m)
    const { now } = await admin<FlightView>(node, '/admin/v1/instances/test_who/flight')
    expect(now?.calls).toHaveLength(64)
    expect(now?.calls.every(({ status }) => status === 200)).toBe(true)
    expect((await fetch(`${node.base}/readyz`)).status).toBe(200)
    const unread = Array.from({ length: 400 }, () => ask(`${node.base}/nothing/here`, new Agent(), 'x'.repeat(300_000)))
    expect(new Set((await Promise.all(unread)).map(({ status }) => status))).toEqual(new Set([404]))
    expect(statSync(join(node.home, 'run/calls')).mode & 0o777).toBe(0o700)
    expect(statSync(join(node.home, 'run/front.sock')).mode & 0o777).toBe(0o600)
    await node.composed.stop()
    expect(childrenWith('dist/front.js')).toEqual([])
  }, 60_000)

  it('loses the connections of a front that is killed and no others, and has it back', async () => {
    const node = await nodeWithFronts()
    const [address = ''] = await deployTo(node.home, service())
    const [victim = 0] = childrenWith('dist/front.js')
    const callers = 12
    const { failed, done } = await calling(
      address,
      callers,
      (async () => {
        await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_total\{.*status="2xx"\} (\d+)$/gm) > 100)
        process.kill(victim, 'SIGKILL')
        const whole = () => childrenWith('dist/front.js').length === 2 && node.told.join().includes('serves again')
        await until(whole, 'the front is there again')
      })(),
    )
    // Each connection of that front has one call under way at most.
    expect(failed.length).toBeLessThanOrEqual(callers / 2)
    const { fronts = [] } = await admin<NodeView>(node, '/admin/v1/node')
    expect(fronts.map(({ name, state, pid }) => [name, state, pid])).toEqual(
      [0, 1].map((name) => [name, 'serving', expect.any(Number)]),
    )
    expect(fronts.map(({ restarts }) => restarts.count).sort()).toEqual([0, 1])
    const text = await metrics(node)
    expect(text).toMatch(/^dhn_fronts\{serving="true"\} 2$/m)
    expect(sumOf(text, /^dhn_front_restarts_total\{.*\} (\d+)$/gm)).toBe(1)
    expect(failed.every((status) => status === 0)).toBe(true)
    expect(done).toBeGreaterThan(100)
    expect(childrenWith('dist/front.js')).not.toContain(victim)
    expect((await ask(address, new Agent())).status).toBe(200)
    expect(await admin<InstanceView>(node, '/admin/v1/instances/test_who')).toMatchObject({
      state: 'ready',
      restarts: { count: 0 },
    })
  }, 60_000)

  it('answers calls that are inside when it stops, and when a service is disabled or ends', async () => {
    const node = await nodeWithFronts()
    const [address = ''] = await deployTo(node.home, service())
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const inside = Array.from({ length: 4 }, () => ask(address, agent, call('slow', [2500])))
    await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_inside\{.*\} (\d+)$/gm) === 4)
    const disabled = askSocket(join(node.home, 'run/admin.sock'), 'post', '/admin/v1/instances/test_who/disable')
    expect((await Promise.all(inside)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await disabled).json).toMatchObject({ state: 'disabled' })
    const refused = await Promise.all(Array.from({ length: 4 }, () => ask(address, agent)))
    expect(refused.map(({ status }) => status)).toEqual([503, 503, 503, 503])
    await askSocket(join(node.home, 'run/admin.sock'), 'post', '/admin/v1/instances/test_who/enable')
    const pids = new Set(await Promise.all(Array.from({ length: 4 }, async () => (await ask(address, agent)).body)))
    expect(pids.size).toBe(1)

    const { Value: pid } = JSON.parse([...pids][0] as string) as { Value: number }
    const lost = Array.from({ length: 4 }, () => ask(address, agent, call('slow', [10_000])))
    await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_inside\{.*\} (\d+)$/gm) === 4)
    process.kill(pid, 'SIGKILL')
    expect((await Promise.all(lost)).map(({ status }) => status)).toEqual([500, 500, 500, 500])
    await expect.poll(async () => (await ask(address, agent)).status, { timeout: 10_000 }).toBe(200)

    const last = Array.from({ length: 4 }, () => ask(address, agent, call('slow', [2500])))
    await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_inside\{.*\} (\d+)$/gm) === 4)
    await node.composed.stop()
    expect((await Promise.all(last)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  }, 60_000)

  it('refuses calls beyond the limits of an instance, and ends a service that answers none', async () => {
    const shipped = { interval: 50, silence: 10_000, memoryMegabytes: 1024, descriptors: 4096 }
    const node = await nodeWithFronts({
      traffic: { calls: 4, bytes: 1e8, nodeBytes: 1e8 },
      supervision: { ...shipped, call: 4000, unansweredCalls: 2 },
    })
    const body = 'export_hangs() { return new Promise(() => {}) }'
    const [address = ''] = await deployTo(node.home, { service: 'Test/Hangs', body })
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await ask(address, new Agent(), call('hangs'))).status),
    )
    expect(answers.filter((status) => status === 503)).toHaveLength(16)
    // Of those inside, the last ones may be cut by the end of the service before their time is over.
    const cut = answers.filter((status) => status !== 503)
    expect(cut.every((status) => status === 504 || status === 500)).toBe(true)
    expect(cut).toContain(504)
    await expect
      .poll(() => admin<InstanceView>(node, '/admin/v1/instances/test_hangs'), { timeout: 10_000 })
      .toMatchObject({ restarts: { count: 1 } })
    const { frozen } = await admin<FlightView>(node, '/admin/v1/instances/test_hangs/flight')
    expect(frozen[0]?.cause).toMatchObject({ code: 'DHN_PLACE_UNANSWERING' })
    expect(frozen[0]?.calls.length).toBeGreaterThan(0)
  }, 60_000)

  it('calls a service in several processes, and hands on what runs in a thread', async () => {
    const rules = { otherwise: 'process', processes: [], threads: ['test_thread'], archivesChoose: false } as const
    const node = await nodeWithFronts({ instances: { otherwise: 2, of: new Map() }, isolation: rules })
    const [several = ''] = await deployTo(node.home, { ...service(), globals: { stateless: 'true' } })
    const answers = Array.from({ length: 4 }, () => ask(several, new Agent(), call('big', [1_000_000])))
    expect((await Promise.all(answers)).map(({ status, body }) => [status, body.length > 1_000_000])).toEqual(
      Array(4).fill([200, true]),
    )
    const inside = Array.from({ length: 6 }, () => ask(several, new Agent(), call('slow', [2500])))
    const insides = async (): Promise<readonly number[]> =>
      ((await admin<InstanceView>(node, '/admin/v1/instances/test_who')).places ?? []).map((place) => place.inside)
    await untilMetrics(node, (text) => sumOf(text, /^dhn_calls_inside\{.*\} (\d+)$/gm) === 6)
    const { fronts = [] } = await admin<NodeView>(node, '/admin/v1/node')
    expect(fronts.map((front) => front.inside)).toEqual([3, 3])
    expect(fronts.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThanOrEqual(6)
    // Each front shares its own calls out as evenly as can be.
    expect([
      [3, 3],
      [2, 4],
      [4, 2],
    ]).toContainEqual(await insides())
    await Promise.all(inside)
    const pidOf = async (url: string): Promise<unknown> => JSON.parse((await ask(url, new Agent())).body).Value
    const pids = new Set(await Promise.all(Array.from({ length: 12 }, () => pidOf(several))))
    expect(pids.size).toBe(2)
    process.kill([...pids][0] as number, 'SIGKILL')
    const { failed } = await calling(
      several,
      4,
      until(() => childrenWith('isolate/instance/boot.cjs').length === 2, 'it is started again'),
    )
    expect(failed.length).toBeLessThanOrEqual(4)
    const [thread = ''] = await deployTo(node.home, { ...service(), service: 'Test/Thread' })
    expect(await pidOf(thread)).toBe(process.pid)
  }, 60_000)
})

it('nothing of a node with fronts lives on after kill -9', async () => {
  const home = join(temporaryFolder(), 'home')
  await dhn(['init'], { home })
  const file = join(home, 'etc/dhn.cfg')
  writeFileSync(file, readFileSync(file, 'utf8').replace('#Fronts = 1', 'Fronts = 2'))
  await dhn(['start', '--detach', '--port', '0', '--nosec-port', '0'], { home })
  const { pid } = JSON.parse((await dhn(['status', '--json'], { home })).stdout) as { pid: number }
  const family = childrenWith('', pid)
  expect(childrenWith('dist/front.js', pid)).toHaveLength(2)
  process.kill(pid, 'SIGKILL')
  await until(() => family.every((one) => !existsSync(`/proc/${one}`)), 'all of them are gone')
}, 60_000)
