import { expect, it } from 'vitest'
import { age, duration, facts, size } from '../../src/cli/text.ts'

it('durations and sizes are read at a glance', () => {
  expect([0, 850, 3200, 59_999, 250_000, 7_500_000, 273_600_000].map(duration)).toEqual([
    '0 ms',
    '850 ms',
    '3.2 s',
    '60.0 s',
    '4 min 10 s',
    '2 h 5 min',
    '3 d 4 h',
  ])
  expect([0, 912, 4100, 12_000_000, 3_400_000_000].map(size)).toEqual(['0 B', '912 B', '4.1 KB', '12.0 MB', '3.4 GB'])
})

it('an age is that of a time, and never negative', () => {
  const now = Date.parse('2027-01-31T12:00:00Z')
  expect(age('2027-01-31T11:55:00Z', now)).toBe('5 min 0 s')
  expect(age('2027-01-31T12:00:05Z', now)).toBe('0 ms')
  expect(age('a while', now)).toBe('a while')
})

it('facts without a value are left out', () => {
  expect(
    facts([
      ['a', 1],
      ['long label', 'x'],
      ['none', undefined],
      ['empty', ''],
    ]),
  ).toBe('a           1\nlong label  x')
})
