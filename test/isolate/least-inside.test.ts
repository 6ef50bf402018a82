import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastInside } from '../../src/isolate/least-inside.ts'

describe('the choice of a place', () => {
  it('is one with the fewest calls inside, and takes turns among those', () => {
    const busy = fc.array(fc.nat(5), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(busy, fc.nat(), (insides, from) => {
        const choice = insides.map((inside) => ({ inside }))
        const least = Math.min(...insides)
        const best = insides.flatMap((inside, at) => (inside === least ? [at] : []))
        expect(best).toContain(leastInside(choice, from))
        const inTurns = Array.from(insides, (_, step) => leastInside(choice, from + step))
        expect(new Set(inTurns)).toEqual(new Set(best))
      }),
    )
  })

  it('is none where there is none', () => {
    expect(leastInside([], 3)).toBe(-1)
  })
})
