import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AskedSharedState } from '../../src/service/asked-shared-state.ts'
import { canonicalJson } from '../../src/service/canonical-json.ts'
import { type Lease, NAL, offlineNode } from '../../src/service/index.ts'
import { Leases } from '../../src/service/leases.ts'
import { mostLeases, openRequests } from '../../src/service/shared-limits.ts'
import type { SharedRequest } from '../../src/service/shared-request.ts'

describe('what a service shares', () => {
  it('comes back as it was put there, until it is deleted or has ended', async () => {
    const { shared, sharedElsewhere } = offlineNode()
    expect(NAL.getSharedState()).toBe(shared)
    expect(await shared.get('a')).toBeUndefined()
    await shared.set('a', { list: [1, 'two', null], left: undefined })
    await shared.set('a/b', true)
    expect(await sharedElsewhere.get('a')).toEqual({ list: [1, 'two', null] })
    expect([await shared.keys(), await shared.keys('a/')]).toEqual([['a', 'a/b'], ['a/b']])
    expect([await shared.delete('a'), await shared.delete('a'), await shared.get('a')]).toEqual([
      true,
      false,
      undefined,
    ])
    await shared.set('short', 1, { ttl: 1 })
    await expect.poll(() => shared.get('short')).toBeUndefined()
    expect(await shared.keys()).toEqual(['a/b'])
  })

  it('is replaced only where it is the same, however its keys are ordered, and counted without loss by many', async () => {
    const { shared, sharedElsewhere } = offlineNode()
    expect(await shared.replace('a', undefined, { x: 1, y: [1, 2] })).toBe(true)
    expect(await shared.replace('a', undefined, 0)).toBe(false)
    expect(await shared.replace('a', { y: [2, 1], x: 1 }, 0)).toBe(false)
    expect(await sharedElsewhere.replace('a', { y: [1, 2], x: 1 }, null)).toBe(true)
    expect(await shared.replace('a', undefined, 0)).toBe(false)
    expect(await shared.replace('a', null, 0)).toBe(true)
    const add = async (state: typeof shared): Promise<void> => {
      for (;;) {
        const count = await state.get<number>('a')
        if (await state.replace('a', count, (count ?? 0) + 1)) return
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 === 0 ? shared : sharedElsewhere)))
    expect(await shared.get('a')).toBe(20)
  })

  it.each([
    ['a bigint', 1n, 'value is a bigint'],
    ['no number', { a: [Number.NaN] }, 'value.a[0] is NaN'],
    ['a hole', [1, undefined], 'value[1] is undefined'],
    ['a date', { at: new Date() }, 'value.at is an object of the class Date'],
    ['a map', new Map(), 'value is an object of the class Map'],
    ['nothing', undefined, 'value is undefined'],
    ['a cycle', cycle(), 'nested too deep, or in itself'],
  ])('is not %s', async (_, value, message) => {
    const error = await offlineNode()
      .shared.set('k', value)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'DHN_SHARED_VALUE_INVALID', message: expect.stringContaining(message) })
  })

  it('is not too large, and its keys and times are what they may be', async () => {
    const { shared } = offlineNode()
    await shared.set('k', 'x'.repeat(65_534))
    await expect(shared.set('k', 'x'.repeat(65_535))).rejects.toMatchObject({
      code: 'DHN_SHARED_VALUE_TOO_LARGE',
      bytes: 65_537,
      limit: 65_536,
    })
    expect(await shared.replace('k', 'x'.repeat(70_000), 1)).toBe(false)
    for (const key of ['', 'a\n', '\ud800', 'ü'.repeat(129), 7 as unknown as string]) {
      await expect(shared.get(key)).rejects.toMatchObject({ code: 'DHN_SHARED_KEY_INVALID' })
      await expect(shared.lease(key)).rejects.toMatchObject({ code: 'DHN_SHARED_KEY_INVALID' })
    }
    for (const ttl of [0, -1, 1.5, Number.NaN, 1e15])
      await expect(shared.set('k', 1, { ttl })).rejects.toMatchObject({ code: 'DHN_SHARED_TTL_INVALID', of: 'value' })
    await expect(shared.lease('l', { ttl: 999 })).rejects.toMatchObject({ code: 'DHN_SHARED_TTL_INVALID', of: 'lease' })
  })

  it('is asked for at most so many times at once, in the order of the calls', async () => {
    const asked: string[] = []
    let open = 0
    let most = 0
    const shared = new AskedSharedState(async (request) => {
      asked.push((request as { key: string }).key)
      open += 1
      most = Math.max(most, open)
      await new Promise(setImmediate)
      open -= 1
      return undefined
    })
    const keys = Array.from({ length: 200 }, (_, i) => `${i}`)
    await Promise.all(keys.map((key) => shared.get(key)))
    expect([asked, most]).toEqual([keys, openRequests])
  })
})

describe('the canonical text of a value', () => {
  it('is JSON of the same value, and the same for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reordered(value))).toBe(text)
      }),
    )
  })
})

describe('a lease', () => {
  it('is held by one at a time, and by the next when it is released', async () => {
    const { shared, sharedElsewhere } = offlineNode()
    const lease = (await shared.lease('nightly')) as Lease
    expect(lease).toMatchObject({ name: 'nightly', lost: { aborted: false } })
    expect(await shared.lease('nightly')).toBeUndefined()
    expect(await sharedElsewhere.lease('nightly')).toBeUndefined()
    await lease.release()
    await lease.release()
    expect(lease.lost.aborted).toBe(false)
    expect(await sharedElsewhere.lease('nightly')).toBeDefined()
    expect(await shared.lease('other')).toBeDefined()
  })

  it('is renewed while the process lives, and lost when the node says that it is', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const asked: SharedRequest['do'][] = []
    const shared = new AskedSharedState(async (request) => {
      asked.push(request.do)
      return request.do === 'lease' ? '1' : request.do === 'renew' && asked.length < 9 ? 'yes' : undefined
    })
    const lease = (await shared.lease('l', { ttl: 3000 })) as Lease
    await vi.advanceTimersByTimeAsync(7999)
    expect(lease.lost.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(lease.lost).toMatchObject({ aborted: true, reason: { name: 'AbortError' } })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked).toEqual(['lease', ...Array.from({ length: 8 }, () => 'renew'), 'release'])
  })

  it('is lost in its time when no renewal is answered, and not before', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const shared = new AskedSharedState(async (request) => (request.do === 'lease' ? '1' : new Promise(() => {})))
    const lease = (await shared.lease('l', { ttl: 1000 })) as Lease
    await vi.advanceTimersByTimeAsync(999)
    expect(lease.lost.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(lease.lost.aborted).toBe(true)
  })
})

describe('who has which lease', () => {
  const clock = { now: 0 }
  const [one, other] = [{}, {}]

  it('is the one who took or renewed it within its time, until he releases it or ends', () => {
    const leases = new Leases(() => clock.now)
    const number = leases.take('a', 10, one) as number
    clock.now += 9
    expect(leases.renew(number, one)).toBe(true)
    expect(leases.renew(number, other)).toBe(false)
    leases.release(number, other)
    clock.now += 9
    expect(leases.take('a', 10, other)).toBeUndefined()
    clock.now += 1
    expect(leases.renew(number, one)).toBe(false)
    const next = leases.take('a', 10, other) as number
    leases.release(number, one)
    expect([leases.renew(next, other), leases.size]).toEqual([true, 1])
    leases.take('b', 10, one)
    leases.releaseAll(other)
    expect([leases.take('a', 10, one) === undefined, leases.take('b', 10, other)]).toEqual([false, undefined])
  })

  it('are so many at most, of which those that have ended are none', () => {
    const leases = new Leases(() => clock.now)
    for (let i = 0; i < mostLeases; i++) leases.take(`${i}`, 10, one)
    expect(() => leases.take('more', 10, other)).toThrow(
      expect.objectContaining({ code: 'DHN_SHARED_FULL', what: 'leases', limit: mostLeases }),
    )
    clock.now += 10
    expect(leases.take('more', 10, other)).toBeDefined()
    expect(leases.size).toBe(1)
  })
})

function cycle(): object {
  const list: unknown[] = []
  list.push(list)
  return list
}

/** The same with the keys of each object the other way round. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, member]) => [name, reordered(member)])
  return Object.fromEntries(entries.reverse())
}
