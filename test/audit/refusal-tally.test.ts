import { expect, it, vi } from 'vitest'
import type { AuditEntry } from '../../src/audit/audit-entry.ts'
import { RefusalTally } from '../../src/audit/refusal-tally.ts'

const refused = (what: string): AuditEntry => ({
  kind: 'call',
  who: { via: 'https' },
  what,
  outcome: 'refused',
  request: 'r',
})

it('tells the first of a kind at once, and how many more there were at the end of the minute', () => {
  vi.useFakeTimers()
  const told: AuditEntry[] = []
  const tally = new RefusalTally((entry) => told.push(entry))
  for (let n = 0; n < 1000; n += 1) tally.refused('a', () => refused('a'))
  tally.refused('b', () => refused('b'))
  expect(told).toEqual([refused('a'), refused('b')])
  vi.advanceTimersByTime(60_000)
  const { request: _, ...alike } = refused('a')
  expect(told.slice(2)).toEqual([{ ...alike, count: 999, since: expect.any(String) }])
  tally.refused('a', () => refused('a'))
  expect(told.length).toBe(4)
  vi.useRealTimers()
})

it('stays short however many kinds there are', () => {
  const told: AuditEntry[] = []
  const tally = new RefusalTally((entry) => told.push(entry))
  for (let n = 0; n < 100_000; n += 1) tally.refused(String(n), () => refused(String(n)))
  tally.flush()
  expect(told.length).toBe(65)
  expect(told.at(-1)).toMatchObject({ what: 'refusals of other kinds', count: 100_000 - 64 })
})
