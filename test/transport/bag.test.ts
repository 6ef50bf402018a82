import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Bag } from '../../src/transport/bag.ts'

describe('a bag', () => {
  it('holds what was put in and not taken out, each taken out once', () => {
    const step = fc.oneof(fc.constant('add' as const), fc.nat(30))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const bag = new Bag<{ readonly number: number }>()
        const removes: (() => void)[] = []
        const held = new Set<object>()
        const things: object[] = []
        for (const one of steps) {
          if (one === 'add') {
            const thing = { number: things.length }
            things.push(thing)
            held.add(thing)
            removes.push(bag.add(thing))
          } else if (one < removes.length) {
            removes[one]?.()
            held.delete(things[one] as object)
          }
          expect(bag.size).toBe(held.size)
        }
        expect(new Set(bag)).toEqual(held)
      }),
    )
  })
})
