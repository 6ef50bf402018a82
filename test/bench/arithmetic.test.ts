import { describe, expect, it } from 'vitest'
import { lowerQuartile, median, medianRatio, quantile } from '../../bench/harness/arithmetic.ts'

describe('the arithmetic of the benchmarks', () => {
  it('takes a quantile that is one of the values, whatever their order', () => {
    expect(lowerQuartile([9, 1, 5, 3, 7])).toBe(3)
    expect(lowerQuartile([4, 2])).toBe(2)
    expect(quantile([10, 30, 20], 1)).toBe(30)
    expect(lowerQuartile([])).toBeNaN()
  })

  it('takes the middle of an even number of values as their mean', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('compares round by round, so that a slow round slows both', () => {
    expect(medianRatio([12, 24, 120], [10, 20, 100])).toBe(1.2)
  })

  it('leaves out rounds without a call', () => {
    expect(medianRatio([12, Number.POSITIVE_INFINITY, 13], [10, 10, Number.NaN])).toBe(1.2)
  })
})
