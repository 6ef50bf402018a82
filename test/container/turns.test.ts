import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from '../../src/container/turns.ts'

describe('turns', () => {
  it('are given in the order in which they were asked for', async () => {
    const turns = new Turns()
    const order: number[] = []
    await Promise.all([1, 2, 3].map((number) => turns.with(['a'], async () => void order.push(number))))
    expect(order).toEqual([1, 2, 3])
  })

  it('over different names don’t wait for each other', async () => {
    const turns = new Turns()
    const giveBack = await turns.take('a')
    await turns.with(['b'], async () => {})
    giveBack()
  })

  it('are given back when the work throws', async () => {
    const turns = new Turns()
    await expect(turns.with(['a'], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await turns.with(['a'], async () => {})
  })

  it('never let two work on one name, let everyone work, and no later one pass an earlier one on its names', async () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 12 }), async (wishes) => {
        const turns = new Turns()
        const held = new Set<string>()
        const began: number[] = []
        await Promise.all(
          wishes.map((wish, index) =>
            turns.with(wish, async () => {
              expect(wish.some((name) => held.has(name))).toBe(false)
              for (const name of wish) held.add(name)
              began.push(index)
              await new Promise(setImmediate)
              for (const name of wish) held.delete(name)
            }),
          ),
        )
        expect(began.toSorted((a, b) => a - b)).toEqual(wishes.map((_, index) => index))
        for (const [index, wish] of wishes.entries()) {
          const later = wishes.findIndex((other, at) => at > index && other.some((name) => wish.includes(name)))
          if (later !== -1) expect(began.indexOf(later)).toBeGreaterThan(began.indexOf(index))
        }
      }),
      { numRuns: 50 },
    )
  })
})
