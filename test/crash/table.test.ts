import { expect, it } from 'vitest'
import { loadFigures } from './figures.ts'
import { tables } from './table.ts'

it('the faults of a command: how many calls failed, what came of it, and what is open', () => {
  const found = { next: 31, last: 30, missed: 3, complete: true, struck: 30, refused: 20, done: 9, ended: 1 }
  const faults = {
    'start / ENOSPC / once': found,
    'start / EIO / once': { ...found, ended: 0, complete: false },
    'start / EMFILE / once': { ...found, last: 0 },
  }
  const lines = tables({ ...loadFigures('nowhere'), faults }).split('\n')
  expect(lines.slice(-3)).toEqual([
    '| the Nth call fails: N: refused / done | ENOSPC | EIO | EMFILE | EACCES |',
    '| --- | --- | --- | --- | --- |',
    '| start | 30: 20 / 9 / 1 | 30: 20 / 9 … |  | … |',
  ])
})

it('recoveries, by how many services a home has', () => {
  const recovered = { 4: [100, 300, 200], 100: [4000] }
  expect(tables({ ...loadFigures('nowhere'), recovered })).toContain(
    '| recovery of a node with 4 services: p50 / p95 / max, ms | 200 / 200 / 300 |\n| recovery of a node with 100 services: p50 / p95 / max, ms | 4,000 / 4,000 / 4,000 |',
  )
})
