import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpenCalls } from '../../src/isolate/open-calls.ts'

const never = (): void => undefined

describe('open calls', () => {
  it('are each taken once, whatever comes and goes, and in whatever order', () => {
    const step = fc.oneof(
      fc.constant('add' as const),
      fc.nat(300).map((which) => ({ which })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const calls = new OpenCalls()
        const open = new Map<number, () => void>()
        const seen = new Set<number>()
        for (const one of steps) {
          if (one === 'add') {
            const id = calls.next()
            const done = (): void => undefined
            expect(seen.has(id)).toBe(false)
            seen.add(id)
            open.set(id, done)
            calls.add(id, done)
          } else {
            const id = [...seen][one.which] ?? one.which
            expect(calls.take(id)).toBe(open.get(id))
            open.delete(id)
          }
        }
        expect(new Set(calls.takeAll())).toEqual(new Set(open.values()))
        expect(calls.takeAll()).toEqual([])
      }),
    )
  })

  it('of a slow service keep their numbers while thousands pass by', () => {
    const calls = new OpenCalls()
    const slow = Array.from({ length: 200 }, () => {
      const id = calls.next()
      const done = (): void => undefined
      calls.add(id, done)
      return { id, done }
    })
    for (let round = 0; round < 10_000; round += 1) {
      const id = calls.next()
      calls.add(id, never)
      expect(calls.take(id)).toBe(never)
    }
    for (const { id, done } of slow) expect(calls.take(id)).toBe(done)
  })

  it('are overdue after so many rounds, and an answer that comes later finds nothing', () => {
    const calls = new OpenCalls()
    const first = calls.next()
    calls.add(first, never)
    expect(calls.takeOverdue(2)).toEqual([])
    const later = (): void => undefined
    calls.add(calls.next(), later)
    expect(calls.takeOverdue(2)).toEqual([])
    expect(calls.takeOverdue(2)).toEqual([never])
    expect(calls.take(first)).toBeUndefined()
    expect(calls.takeOverdue(2)).toEqual([later])
  })
})
