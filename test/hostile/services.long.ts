import { statSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { InstanceView } from '../../src/container/views.ts'
import { processTable } from '../../src/isolate/process-table.ts'
import { callNeighbour, type Neighbour } from '../support/neighbour.ts'
import { startNode, type TestNode, until } from '../support/node.ts'
import { supervised } from '../support/supervised.ts'

const path = '/Test/Hostile'
const never = 'new Promise(() => {})'
let node: TestNode
let neighbour: Neighbour

/** What the service does, as statements of a method that then never answers; and the cause that is shown of it. */
const fatal: readonly (readonly [string, string, object])[] = [
  ['an endless loop', 'for (;;);', { code: 'DHN_PLACE_HUNG' }],
  ['a regular expression from hell', '/^(a+)+$/.test("a".repeat(60) + "b")', { code: 'DHN_PLACE_HUNG' }],
  ['a stop of its own process', 'process.kill(process.pid, "SIGSTOP")', { code: 'DHN_PLACE_HUNG' }],
  [
    'a wait that nothing ends',
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    { code: 'DHN_PLACE_HUNG' },
  ],
  [
    'a full heap',
    'const kept = []; for (;;) kept.push(new Array(1000).fill({}))',
    { code: 'DHN_PLACE_OUT_OF_MEMORY', facts: { heapMegabytes: 64 } },
  ],
  [
    'buffers without end',
    'const kept = []; const more = () => { kept.push(Buffer.alloc(16 << 20, 1)); setTimeout(more, 5) }; more()',
    { code: 'DHN_PLACE_OVER_MEMORY', facts: { limitMegabytes: 600 } },
  ],
  ['process.exit', 'process.exit(0)', { code: 'DHN_PLACE_ENDED', facts: { exitCode: 0 } }],
  ['an abort', 'process.abort()', { code: 'DHN_PLACE_ENDED', facts: { signal: 'SIGABRT' } }],
  ['a native crash', 'process.kill(process.pid, "SIGSEGV")', { code: 'DHN_PLACE_ENDED', facts: { signal: 'SIGSEGV' } }],
  ['an unhandled rejection', 'void Promise.reject(new Error("lost"))', { code: 'DHN_SERVICE_CRASHED' }],
  ['a throw in a timer', 'setTimeout(() => { throw new Error("late") }, 1)', { code: 'DHN_SERVICE_CRASHED' }],
  [
    'a leak of descriptors',
    'const { openSync } = await import("node:fs"); const leak = () => { try { for (;;) openSync("/dev/null") } catch { setTimeout(leak, 5) } }; leak()',
    { code: 'DHN_PLACE_OUT_OF_DESCRIPTORS', facts: { limit: 200 } },
  ],
  [
    'patched globals',
    'const broken = () => { throw new Error("patched") }; JSON.stringify = broken; Array.prototype.push = broken; Map.prototype.get = broken; Buffer.from = broken; process.exit = broken',
    { code: expect.stringMatching(/^DHN_(PLACE_ENDED|PLACE_HUNG|SERVICE_CRASHED|FRAME_INVALID)$/) },
  ],
  [
    'noise on the connection to the node',
    '(await import("node:fs")).writeSync(3, Buffer.alloc(1 << 16, 255))',
    { code: 'DHN_FRAME_INVALID' },
  ],
]

const views = (): InstanceView =>
  node.node.instances(false).find(({ garId }) => garId === 'test_hostile') as InstanceView

/** What the view shows once it has failed. */
async function failure(): Promise<InstanceView> {
  let seen = views()
  await until(() => {
    seen = views()
    return seen.state === 'failed'
  }, 'it is shown as failed')
  return seen
}

const recovered = (): Promise<void> => until(() => views().state === 'ready', 'it was started again by its policy')

beforeAll(async () => {
  node = await startNode({
    config: {
      supervision: supervised({
        interval: 50,
        silence: 1500,
        call: 2500,
        unansweredCalls: 3,
        memoryMegabytes: 600,
        descriptors: 200,
      }),
      restart: {
        firstDelay: 100,
        longestDelay: 100,
        jitter: 0,
        healthyAfter: 60_000,
        giveUp: { failures: 100, within: 60_000 },
      },
    },
  })
  neighbour = await callNeighbour(node)
  const methods = fatal.map(([, code], index) => `async export_fatal${index}() { ${code}; return ${never} }`)
  await node.deploy({
    service: 'Test/Hostile',
    body: `${methods.join('\n')}
      export_never() { return ${never} }
      export_cycle() { const a = {}; a.a = a; return S_OK(a) }
      export_function() { return S_OK(() => {}) }
      export_getter() { return { get OK() { throw new Error('no') } } }
      export_later() { return { then(resolve) { resolve(Symbol('none')) } } }
      export_huge() { return Buffer.alloc(129 << 20, 97) }
      export_print() { const line = 'x'.repeat(1023) + '\\n'; for (let i = 0; i < 20; i++) process.stdout.write(line.repeat(1024)); return S_OK() }
      async export_leave() {
        const { spawn } = await import('node:child_process')
        const { pid } = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true })
        setTimeout(() => process.exit(1), 300)
        return S_OK(pid)
      }`,
  })
})

describe('a hostile service', () => {
  let before = 0
  afterEach(() => {
    expect(neighbour.wrong).toEqual([])
    expect(neighbour.answered).toBeGreaterThan(before)
    before = neighbour.answered
  })

  it.each(fatal.map(([what, , cause], index) => ({ what, cause, index })))(
    'with $what has failed, says so, and is started again',
    async ({ cause, index }) => {
      const asked = node.call(path, `fatal${index}`)
      const shown = await failure()
      expect(shown.cause).toMatchObject(cause)
      expect(shown.why).toContain(shown.cause?.message)
      expect((await asked).status).toBe(500)
      await recovered()
      expect((await node.call(path, 'version')).status).toBe(200)
    },
  )

  it('that never answers keeps no caller for ever, and has failed when it answers none', async () => {
    const asked = [node.call(path, 'never'), node.call(path, 'never'), node.call(path, 'never')]
    expect((await failure()).cause).toMatchObject({ code: 'DHN_PLACE_UNANSWERING', facts: { calls: 3 } })
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([504, 504, 504])
    await recovered()
  })

  it('that leaves a child behind takes it along', async () => {
    const { value } = await node.call(path, 'leave')
    expect(processTable().has(value as number)).toBe(true)
    expect((await failure()).cause).toMatchObject({ code: 'DHN_PLACE_ENDED', facts: { exitCode: 1 } })
    await until(() => !processTable().has(value as number), 'its child is gone')
    await recovered()
  })

  it('with answers that can not be sent answers 500 and goes on; one that is larger than any frame comes in parts', async () => {
    for (const method of ['cycle', 'function', 'getter', 'later']) {
      expect([method, (await node.call(path, method)).status]).toEqual([method, 500])
    }
    expect(await node.call(path, 'huge')).toMatchObject({ status: 200, value: { bytes: 129 << 20 } })
    expect(await node.call(path, 'version')).toMatchObject({ status: 200, value: '1' })
    expect(views().state).toBe('ready')
  })

  it('that prints without end fills its log and nothing of the node', async () => {
    const heap = process.memoryUsage().heapUsed
    expect((await node.call(path, 'print')).status).toBe(200)
    expect(statSync(views().log).size).toBeGreaterThan(20 << 20)
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(20 << 20)
  })
})
