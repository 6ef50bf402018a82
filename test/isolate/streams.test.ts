import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { PlaceReply } from '../../src/isolate/place.ts'
import { placeOn, rungs, serviceModule, type TestPlace } from '../support/place.ts'

const streaming = serviceModule(`
  static made = 0
  static ended = 0
  export_large(size) { return Buffer.alloc(size, 'x') }
  export_text(size) { return S_OK('é'.repeat(size)) }
  export_pieces() { return (async function* () { yield 'é'; yield ''; yield Buffer.from([0, 255]) })() }
  export_nothing() { return (async function* () {})() }
  export_absent() { return createReadStream('/absent/file') }
  export_broken() { return (async function* () { yield 'begun'; await new Promise(setImmediate); throw new Error('secret') })() }
  export_wrong() { return (async function* () { yield 'begun'; yield 5 })() }
  export_endless() {
    return (async function* () {
      try { for (;;) { Service.made += 1; yield Buffer.alloc(10_000) } } finally { Service.ended += 1 }
    })()
  }
  export_counts() { return S_OK([Service.made, Service.ended]) }
  export_die() { setTimeout(() => process.exit(3), 50); return this.export_endless() }
`).replace('import {', "import { createReadStream } from 'node:fs'\nimport {")

describe.each(rungs)('on the rung %s: a body that comes in parts', (isolation) => {
  const started = async (): Promise<TestPlace> => {
    const place = placeOn(isolation)({ lib: { 'test/Service.js': streaming } })
    await place.place.start()
    return place
  }
  const reply = ({ place }: TestPlace, method: string, args: unknown[] = []): Promise<PlaceReply> =>
    new Promise((resolve) => place.call({ endpoint: 0, method, args: JSON.stringify(args) }, resolve))

  it('is whole, whatever it is made of', async () => {
    const place = await started()
    const large = await reply(place, 'large', [5_000_001])
    expect(large).toMatchObject({ status: 200, contentType: 'text/html; charset=UTF-8', stream: { length: 5_000_001 } })
    expect((await buffer(large.stream?.body as never)).equals(Buffer.alloc(5_000_001, 'x'))).toBe(true)
    const text = await reply(place, 'text', [400_000])
    expect(text).toMatchObject({ contentType: 'application/json' })
    expect(JSON.parse((await buffer(text.stream?.body as never)).toString())).toEqual({
      OK: true,
      Value: 'é'.repeat(400_000),
    })
    const pieces = await reply(place, 'pieces')
    expect(pieces.stream).toMatchObject({ length: undefined })
    expect(await buffer(pieces.stream?.body as never)).toEqual(Buffer.from([0xc3, 0xa9, 0, 255]))
    expect(await buffer((await reply(place, 'nothing')).stream?.body as never)).toEqual(Buffer.alloc(0))
    expect((await reply(place, 'large', [1000])).stream).toBeUndefined()
  })

  it('is a 500 when it can not begin, and breaks off when it fails later', async () => {
    const place = await started()
    expect(await reply(place, 'absent')).toMatchObject({ status: 500, contentType: 'application/json' })
    for (const method of ['broken', 'wrong']) {
      const { status, stream } = await reply(place, method)
      expect(status).toBe(200)
      await expect(buffer(stream?.body as never)).rejects.toMatchObject({ code: 'DHN_ANSWER_BROKEN' })
    }
    expect(place.log()).toContain('secret')
  })

  it('is made no faster than it is read, and ended when nobody reads on', async () => {
    const place = await started()
    const { stream } = await reply(place, 'endless')
    const counts = async (): Promise<number[]> => JSON.parse((await place.call('counts')).body).Value
    const settled = async (): Promise<number> => {
      for (let before = -1; ; ) {
        const [made = 0] = await counts()
        if (made === before) return made
        before = made
      }
    }
    const first = await settled()
    expect(first).toBeLessThan(40)
    const taken = stream?.body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
    for (let part = 0; part < 30; part += 1) await taken.next()
    const second = await settled()
    expect(second - first).toBeGreaterThan(20)
    expect(second - first).toBeLessThan(250)
    stream?.body.destroy()
    await expect.poll(counts).toEqual([expect.any(Number), 1])
    expect((await settled()) - second).toBeLessThan(3)
  })

  it('breaks off when its place ends', async () => {
    const place = await started()
    const { stream } = await reply(place, 'die')
    await expect(buffer(stream?.body as never)).rejects.toMatchObject({ code: 'DHN_ANSWER_BROKEN' })
  })
})
