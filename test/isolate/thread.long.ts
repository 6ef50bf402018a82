import { describe, expect, it } from 'vitest'
import { FrameInvalid } from '../../src/isolate/frames.ts'
import { MessageWriter, readMessage } from '../../src/isolate/message-writer.ts'
import type { Supervision } from '../../src/isolate/place.ts'
import { placeOn, serviceModule, type TestPlace } from '../support/place.ts'
import { supervised } from '../support/supervised.ts'

const placeFor = placeOn('thread')
const started = async (body: string, given: Partial<Supervision> = {}): Promise<TestPlace> => {
  const place = placeFor({
    lib: { 'test/Service.js': serviceModule(body) },
    spec: { supervision: supervised({ interval: 50, ...given }), environment: { ONLY: 'this' } },
  })
  await place.place.start()
  return place
}

describe('a place in a thread', () => {
  it('is in the process of the node, with an environment and a log of its own', async () => {
    const { call, place, log } = await started(
      `async export_look() { console.log('out'); console.error('err'); const { isMainThread } = await import('node:worker_threads'); return S_OK({ pid: process.pid, env: { ...process.env }, isMainThread }) }`,
    )
    expect(place.pid).toBe(process.pid)
    const { Value } = JSON.parse((await call('look')).body)
    expect(Value).toEqual({ pid: process.pid, env: { ONLY: 'this' }, isMainThread: false })
    expect(log()).toBe('out\nerr\n')
    await place.stop()
    expect(place.pid).toBeUndefined()
  })

  it.each([
    ['an endless loop', 'for (;;);', { code: 'DHN_PLACE_HUNG', facts: { milliseconds: 400 } }],
    ['a regular expression that backtracks', '/^(a+)+$/.test("a".repeat(40) + "b")', { code: 'DHN_PLACE_HUNG' }],
    [
      'a full heap',
      'const kept = []; const more = () => { for (let i = 0; i < 1e4; i++) kept.push({ i }); setImmediate(more) }; more()',
      { code: 'DHN_PLACE_OUT_OF_MEMORY', facts: { heapMegabytes: 64 } },
    ],
    [
      'process.exit(7)',
      'process.exit(7)',
      { code: 'DHN_PLACE_ENDED', message: "the service's thread ended with exit code 7" },
    ],
    ['a throw in a timer', 'setTimeout(() => { throw new TypeError("late") }, 1)', { code: 'DHN_SERVICE_CRASHED' }],
    ['an unhandled rejection', 'void Promise.reject(new Error("lost"))', { code: 'DHN_SERVICE_CRASHED' }],
    [
      'what is no message',
      'import("node:worker_threads").then(({ parentPort }) => parentPort.postMessage({ a: 1 }))',
      { code: 'DHN_FRAME_INVALID' },
    ],
  ])('ended by %s tells its cause, and the node lives', async (_how, code, cause) => {
    const { call, ended } = await started(`export_end() { ${code}; return new Promise(() => {}) }`, { silence: 400 })
    const reply = call('end')
    expect(await ended).toMatchObject(cause)
    expect((await reply).status).toBe(500)
  })
})

describe('messages', () => {
  const receiver = { control: () => {}, call: () => {}, reply: () => {}, answer: () => {}, part: () => {} }

  it('of one turn of the event loop are one', async () => {
    const posted: unknown[] = []
    const writer = new MessageWriter({ postMessage: (message) => posted.push(message) })
    writer.call(1, 0, 'a', '[]')
    writer.call(3, 1, 'b', '[1]', '{"DN":"/CN=x"}')
    writer.reply(2, 200, 'application/json', Buffer.from('é'))
    writer.answer(4, 418, { contentType: 'text/plain' }, 'é')
    writer.part(4, 'last', Buffer.from('end'))
    writer.control({ what: 'beat' })
    await new Promise(setImmediate)
    expect(posted).toHaveLength(1)
    const read: unknown[] = []
    readMessage(posted[0], {
      call: (...parts) => void read.push(parts),
      reply: (id, status, type, body) => void read.push([id, status, type, body.toString()]),
      answer: (id, status, head, body) => void read.push([id, status, head, body.toString()]),
      part: (id, state, bytes) => void read.push([id, state, bytes.toString()]),
      control: (message) => void read.push(message),
    })
    expect(read).toEqual([
      [1, 0, 'a', '[]', undefined],
      [3, 1, 'b', '[1]', '{"DN":"/CN=x"}'],
      [2, 200, 'application/json', 'é'],
      [4, 418, { contentType: 'text/plain' }, 'é'],
      [4, 'last', 'end'],
      { what: 'beat' },
    ])
  })

  it('that are too large are not sent', () => {
    const writer = new MessageWriter({ postMessage: () => {} }, 10)
    expect(writer.call(1, 0, 'method', '[1,2,3]')).toBe(false)
    expect(writer.call(1, 0, 'm', '[]')).toBe(true)
    expect(writer.reply(1, 200, 'application/json', 'x'.repeat(11))).toBe(false)
    expect(writer.control({ what: 'something' })).toBe(false)
  })

  it.each([
    [{}],
    [[9, 1]],
    [[0, {}]],
    [[0, 'no json']],
    [[1, 1, 0, 'm']],
    [[2, 1, 200, 7, 'x']],
    [[2, '1', 200, 0, 'x']],
    [[4, 1, 200, '{', 'x']],
    [[5, 1, 9, new Uint8Array(0)]],
  ])('that are none are told: %j', (message) => {
    expect(() => readMessage(message, receiver)).toThrow(FrameInvalid)
  })
})
