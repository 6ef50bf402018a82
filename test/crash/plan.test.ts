import { expect, it } from 'vitest'
import { failpoints } from '../../src/store/failpoint.ts'
import { Random } from './harness/random.ts'
import { nextPlan, placeOf } from './kills/plan.ts'

it('plans are the same for the same seed', () => {
  const plans = (seed: number) => {
    const random = new Random(seed)
    return Array.from({ length: 50 }, () => nextPlan(random, {}))
  }
  expect(plans(7)).toEqual(plans(7))
  expect(plans(7)).not.toEqual(plans(8))
})

it('a failpoint that was reached less often than the others comes next', () => {
  const kills = Object.fromEntries(failpoints.map((name) => [placeOf(name), 9]))
  const random = new Random(1)
  const named = Array.from({ length: 100 }, () => nextPlan(random, { ...kills, [placeOf('tidy.begun')]: 3 })).flatMap(
    (plan) => (plan.at === 'failpoint' ? [plan.name] : []),
  )
  expect(new Set(named)).toEqual(new Set(['tidy.begun']))
})
