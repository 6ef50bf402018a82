import { expect, it } from 'vitest'
import { Pace } from '../../src/container/pace.ts'

it('a pace lets as much through at once as fits into a second, then makes wait, in order', async () => {
  const clock = { now: 0 }
  const pace = new Pace(1000, () => clock.now)
  for (let i = 0; i < 100; i++) expect(pace.take(10)).toBeUndefined()
  // One more than a second's worth is begun: what it costs is known afterwards.
  expect(pace.take(10)).toBeUndefined()
  const order: number[] = []
  const waiting = [1, 2, 3].map((number) => pace.take(10)?.then(() => order.push(number)))
  expect(order).toEqual([])
  clock.now += 1000
  await Promise.all(waiting)
  expect(order).toEqual([1, 2, 3])
  pace.charge(5000)
  expect(pace.take(1)).toBeInstanceOf(Promise)
  clock.now += 10_000
})
