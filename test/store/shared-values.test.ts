import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { armFailpoints } from '../../src/store/failpoint.ts'
import type { SharedUse, SharedValue } from '../../src/store/shared-values.ts'
import { Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'

async function opened(directory = join(temporaryFolder(), 'store')): Promise<Store> {
  const store = await Store.open(directory)
  onTestFinished(() => store.close())
  return store
}

const most: SharedUse = { keys: 3, bytes: 24 }
const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text)

/** What should be there: told in the simplest way. */
class Model {
  now = 0
  readonly #values = new Map<string, SharedValue>()

  living(): [string, string][] {
    return [...this.#values].flatMap(([key, { text, until = Number.POSITIVE_INFINITY }]) =>
      until > this.now ? [[key, text] as [string, string]] : [],
    )
  }

  get(key: string): string | undefined {
    return new Map(this.living()).get(key)
  }

  use(): SharedUse {
    const living = this.living()
    return { keys: living.length, bytes: living.reduce((sum, [key, text]) => sum + bytesOf(key, text), 0) }
  }

  put(key: string, value: SharedValue, expected: string | null | undefined): string {
    const there = this.get(key)
    if (expected !== undefined && expected !== (there ?? null)) return 'different'
    const before = this.use().bytes
    if (there === undefined && this.use().keys === most.keys) return 'too many keys'
    const after = before - (there === undefined ? 0 : bytesOf(key, there)) + bytesOf(key, value.text)
    if (after > most.bytes && after > before) return 'too many bytes'
    this.#values.set(key, value)
    return 'written'
  }

  remove(key: string): boolean {
    const wasThere = this.get(key) !== undefined
    this.#values.delete(key)
    return wasThere
  }

  clear(): void {
    this.#values.clear()
  }
}

const garIds = ['a', 'a.b', 'b']
const garId = fc.constantFrom(...garIds)
const key = fc.constantFrom('k', 'k2', 'ä', '\u{10ffff}', 'x y')
const text = fc.constantFrom('1', '"one"', '{"a":[1,2,3]}', '"\u{1f600}ü"')
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      garId,
      key,
      text,
      ttl: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      expected: fc.option(fc.oneof(text, fc.constant(null)), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), garId, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), garId }) },
)
const sorted = (keys: readonly string[]): string[] =>
  [...keys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))

describe('what services share, in the store', () => {
  it('is what a map for each GAR ID with the same limits and ends holds, whatever is done', async () => {
    const store = await opened()
    const { shared } = store
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const models = new Map(garIds.map((id) => [id, new Model()]))
        const modelOf = (id: string): Model => models.get(id) as Model
        let now = 1_000_000
        const outcomes: Promise<unknown>[] = []
        const expected: unknown[] = []
        for (const one of steps) {
          if (one.do === 'wait') {
            // What is done at one time is done together, as by several places.
            await Promise.all(outcomes)
            now += one.time
            continue
          }
          const model = modelOf(one.garId)
          model.now = now
          if (one.do === 'put') {
            const value = { text: one.text, ...(one.ttl === undefined ? {} : { until: now + one.ttl }) }
            expected.push(model.put(one.key, value, one.expected))
            outcomes.push(shared.put(one.garId, one.key, value, { expected: one.expected, most, now }))
          } else if (one.do === 'remove') {
            expected.push(model.remove(one.key))
            outcomes.push(shared.remove(one.garId, one.key, now))
          } else {
            await Promise.all(outcomes)
            model.clear()
            await shared.forget(one.garId)
          }
        }
        expect(await Promise.all(outcomes)).toEqual(expected)
        for (const id of garIds) {
          const model = modelOf(id)
          model.now = now
          const keys = sorted(model.living().map(([each]) => each))
          expect(shared.keys(id, '', now)).toEqual(keys)
          expect(shared.keys(id, 'k', now)).toEqual(keys.filter((each) => each.startsWith('k')))
          for (const each of ['k', 'k2', 'ä', '\u{10ffff}', 'x y'])
            expect(shared.get(id, each, now)).toBe(model.get(each))
          // Any change takes away what has ended.
          await shared.remove(id, 'nothing', now)
          expect(shared.use(id)).toEqual(model.use())
          await shared.forget(id)
        }
        expect(shared.garIds()).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  it.each(['enospc', 'eio'])('is as it was when a change could not be written (%s), and goes on', async (failure) => {
    const { shared } = await opened()
    const change = { expected: undefined, most, now: 0 }
    await shared.put('echo', 'a', { text: '1', until: 5 }, change)
    armFailpoints(`store.commit=${failure}`)
    onTestFinished(() => armFailpoints(''))
    await expect(shared.put('echo', 'a', { text: '2' }, change)).rejects.toMatchObject({ code: 'DHN_STORE_FAILED' })
    expect([shared.get('echo', 'a', 0), shared.use('echo')]).toEqual(['1', { keys: 1, bytes: 2 }])
    expect(await shared.put('echo', 'a', { text: '2' }, change)).toBe('written')
    expect([shared.get('echo', 'a', 9), shared.use('echo')]).toEqual(['2', { keys: 1, bytes: 2 }])
  })

  it('is there again when the store is opened again, with its ends', async () => {
    const directory = join(temporaryFolder(), 'store')
    const first = await Store.open(directory)
    const room = { keys: 10, bytes: 1000 }
    await first.shared.put('echo', 'a', { text: '1' }, { expected: null, most: room, now: 0 })
    await first.shared.put('echo', 'b', { text: '2', until: 10 }, { expected: null, most: room, now: 0 })
    await first.close()
    const { shared } = await opened(directory)
    expect([shared.get('echo', 'a', 9), shared.keys('echo', '', 9)]).toEqual(['1', ['a', 'b']])
    expect([shared.get('echo', 'b', 10), shared.keys('echo', '', 10)]).toEqual([undefined, ['a']])
    expect([shared.garIds(), shared.use('echo')]).toEqual([['echo'], { keys: 2, bytes: 4 }])
  })
})
