import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextRestart, defaultRestartPolicy as policy } from '../../src/lifecycle/restart-policy.ts'

const middle = () => 0.5
const delays = (failures: number, every: number) =>
  Array.from({ length: failures }, (_, i) => {
    const times = Array.from({ length: i + 1 }, (_, j) => j * every)
    const next = nextRestart(policy, times, i * every, middle)
    return 'at' in next ? next.at - i * every : next.gaveUp
  })

describe('the restart policy', () => {
  it('waits 1 s and doubles that to 60 s', () => {
    expect(delays(9, 100_000)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it('gives up with the fifth failure in five minutes', () => {
    expect(delays(5, 75_000).at(-1)).toBe('5 failures within 300 s')
    expect(delays(5, 75_001).at(-1)).toBe(16_000)
  })

  it('never restarts one that is thrown away instead', () => {
    expect(nextRestart('never', [0], 0, middle)).toEqual({ gaveUp: 'it is not restarted by itself' })
  })

  it('strays by a tenth at most, never into the past, and gives up exactly by its window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(400_000), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (gaps, random) => {
          let now = 1_000_000
          const failures = gaps.map((gap) => {
            now += gap
            return now
          })
          const next = nextRestart(policy, failures, now, () => random)
          const recent = failures.filter((at) => at >= now - 300_000).length
          expect('gaveUp' in next).toBe(recent >= 5)
          if ('gaveUp' in next) return
          const wait = Math.min(1_000 * 2 ** (failures.length - 1), 60_000)
          expect(next.at - now).toBeGreaterThanOrEqual(Math.floor(wait * 0.9))
          expect(next.at - now).toBeLessThanOrEqual(Math.ceil(wait * 1.1))
        },
      ),
    )
  })
})
