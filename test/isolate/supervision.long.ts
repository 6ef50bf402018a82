import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Supervision } from '../../src/isolate/place.ts'
import { type ProcessId, processTable, treeOf } from '../../src/isolate/process-table.ts'
import { until } from '../support/node.ts'
import { placeFor, serviceModule, type TestPlace } from '../support/place.ts'
import { supervised } from '../support/supervised.ts'

const started = async (body: string, given: Partial<Supervision>): Promise<TestPlace> => {
  const place = placeFor({
    lib: { 'test/Service.js': serviceModule(body) },
    spec: { supervision: supervised({ interval: 50, ...given }) },
  })
  await place.place.start()
  return place
}
/** The child of a process that runs this file. */
const childOf = (parent: number, file: string): number | undefined =>
  [...processTable().values()].find((one) => one.parent === parent && commandOf(one.pid).includes(file))?.pid
const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
const alive = (pid: number): boolean => processTable().has(pid)

describe('a place that is watched', () => {
  it('has hung when its event loop is blocked, which its caller and its node are told', async () => {
    const { call, ended, place } = await started('export_loop() { for (;;); }', { silence: 400 })
    const asked = call('loop')
    expect(await ended).toMatchObject({
      code: 'DHN_PLACE_HUNG',
      message: "the service's event loop was blocked for more than 400 ms",
      facts: { milliseconds: 400 },
    })
    expect((await asked).status).toBe(500)
    await until(() => !alive(place.pid as number), 'its process is gone')
  })

  it('has not hung when it is blocked for less, or has nothing to do', async () => {
    const { call, place } = await started(
      'export_busy(ms) { const end = Date.now() + ms; while (Date.now() < end); return S_OK() }',
      { silence: 2000 },
    )
    expect((await call('busy', [300])).status).toBe(200)
    await until(() => (place.vitals?.eventLoopUtilization ?? 1) < 0.5, 'it has been idle from one look to the next')
    expect((await call('busy', [0])).status).toBe(200)
  })

  it('ends when what it holds outside of its heap is over the limit', async () => {
    const { call, ended } = await started(
      `export_hoard() { const kept = []; const more = () => { kept.push(Buffer.alloc(8 << 20, 1)); setTimeout(more, 5) }; more() ; return new Promise(() => {}) }`,
      { memoryMegabytes: 200 },
    )
    void call('hoard')
    const { code, facts } = await ended
    expect(code).toBe('DHN_PLACE_OVER_MEMORY')
    expect(facts).toMatchObject({ limitMegabytes: 200, processes: 1 })
    expect(facts?.usedMegabytes).toBeGreaterThan(200)
  })

  it('is refused memory that it asks for faster than anyone looks', async () => {
    const { call, log } = await started(
      'export_burst() { const kept = []; for (;;) kept.push(Buffer.alloc(32 << 20, 1)) }',
      { memoryMegabytes: 128, interval: 60_000 },
    )
    expect((await call('burst')).status).toBe(500)
    expect(log()).toContain('Array buffer allocation failed')
    expect((await call('notes')).status).toBe(200)
  })

  it('ends when it and what it has started use more memory than it may', async () => {
    const { call, ended } = await started(
      `async export_start() { const { spawn } = await import('node:child_process')
        spawn(process.execPath, ['-e', 'const kept = Buffer.alloc(200 << 20, 1); setInterval(() => kept, 1000)'], { stdio: 'ignore' })
        return S_OK() }`,
      { memoryMegabytes: 250 },
    )
    await call('start')
    expect(await ended).toMatchObject({ code: 'DHN_PLACE_OVER_MEMORY', facts: { processes: 2 } })
  })

  it('can have no more descriptors than it may, and ends when it has them all', async () => {
    const { call, ended } = await started(
      `async export_leak() { const { openSync } = await import('node:fs'); for (;;) openSync('/dev/null') }`,
      { descriptors: 100 },
    )
    expect((await call('leak')).status).toBe(500)
    expect(await ended).toMatchObject({ code: 'DHN_PLACE_OUT_OF_DESCRIPTORS', facts: { limit: 100 } })
  })

  it('answers for each call in time or a 504 is given, and its late answer goes nowhere', async () => {
    const { call } = await started(
      `#resume; export_waits() { return new Promise((resolve) => { this.#resume = resolve }) }
       export_resume() { this.#resume(S_OK('late')); return S_OK('resumed') }`,
      { call: 200, unansweredCalls: 2 },
    )
    expect(await call('waits')).toEqual({
      status: 504,
      type: 'application/json',
      body: '{"OK":false,"Errno":0,"Message":"The service did not answer in time"}',
    })
    expect((await call('resume')).body).toBe('{"OK":true,"Value":"resumed"}')
    expect((await call('waits')).status).toBe(504)
    expect((await call('resume')).status).toBe(200)
  })

  it('ends when it leaves one call after the other unanswered', async () => {
    const { call, ended } = await started('export_waits() { return new Promise(() => {}) }', {
      call: 150,
      unansweredCalls: 3,
    })
    const answers = await Promise.all([call('waits'), call('waits'), call('waits')])
    expect(answers.map(({ status }) => status)).toEqual([504, 504, 504])
    expect(await ended).toMatchObject({ code: 'DHN_PLACE_UNANSWERING', facts: { calls: 3, milliseconds: 150 } })
  })

  it('tells what it uses', async () => {
    const { place } = await started('', {})
    await until(() => place.vitals?.heapBytes !== undefined, 'it has been looked at and has answered')
    const { residentBytes = 0, cpuSeconds, processes, descriptors, heapBytes = 0 } = place.vitals ?? {}
    expect(processes).toBe(1)
    expect(cpuSeconds).toBeGreaterThan(0)
    expect(descriptors).toBeGreaterThan(10)
    expect(heapBytes).toBeGreaterThan(1_000_000)
    expect(residentBytes).toBeGreaterThan(heapBytes)
  })

  it('takes with it what has left its group and its parents', async () => {
    const { call, place } = await started(
      `async export_start() {
        const { spawn } = await import('node:child_process')
        const child = spawn('/bin/sh', ['-c', 'setsid sleep 1000 & echo $!; sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
        const [line] = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data).split('\\n'))))
        return S_OK([child.pid, Number(line)])
      }`,
      {},
    )
    const [child, grandchild] = JSON.parse((await call('start')).body).Value as [number, number]
    await until(() => (place.vitals?.processes ?? 0) >= 3, 'they have been seen')
    process.kill(child, 'SIGKILL')
    await until(() => !alive(child), 'the one between is gone')
    expect(alive(grandchild)).toBe(true)
    process.kill(place.pid as number, 'SIGKILL')
    await until(() => !alive(grandchild), 'the last one is gone')
  })
})

it('nothing of a node lives on after kill -9: not the services in endless loops, nor what they have started', async () => {
  const { spec } = placeFor({
    lib: {
      'test/Service.js': serviceModule(`
        static { gCubeStartupManager.registerRI('A', 'B', { ...callback, ready: async () => {
          const { spawn } = await import('node:child_process')
          spawn('sleep', ['1000'], { stdio: 'ignore' })
          spawn('sleep', ['1000'], { stdio: 'ignore', detached: true })
          console.log('loops')
          for (;;);
        } }) }`),
    },
  })
  const node = spawn(
    process.execPath,
    [
      '--import',
      import.meta.resolve('tsx'),
      fileURLToPath(new URL('../support/node-with-places.ts', import.meta.url)),
      JSON.stringify([spec]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(node.stdout.setEncoding('utf8'), 'data')) as [string]
  const [pid] = JSON.parse(line) as [number]
  const leader = processTable().get(pid) as ProcessId
  await until(() => treeOf(processTable(), leader).length === 3, 'it has started its children')
  const tree = treeOf(processTable(), leader)
  const guard = (): number | undefined => childOf(node.pid as number, 'guard/main.js')
  const first = guard() as number
  process.kill(first, 'SIGKILL')
  await until(() => ![undefined, first].includes(guard()), 'there is another guard')
  const second = guard() as number
  node.kill('SIGKILL')
  await until(() => ![...tree.map((one) => one.pid), second].some(alive), 'all of them are gone')
})
