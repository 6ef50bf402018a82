import { describe, expect, it } from 'vitest'
import { type Column, table } from '../../src/cli/table.ts'

interface Row {
  readonly name: string
  readonly state?: string
  readonly count: number
  readonly address: string
}

const rows: readonly Row[] = [
  { name: 'Samples/Counter', state: 'ready', count: 3, address: 'https://localhost:8443/Samples/Counter' },
  { name: 'Échos', count: 12, address: '' },
]
const columns: readonly Column<Row>[] = [
  { title: 'name', value: (row) => row.name, cut: 8 },
  { title: 'state', value: (row) => row.state },
  { title: 'count', value: (row) => row.count, align: 'right', drop: 1 },
  { title: 'address', value: (row) => row.address, cut: 8, drop: 2 },
]

describe('a table', () => {
  it('shows every column where there is room', () => {
    expect(table(rows, columns, Number.POSITIVE_INFINITY)).toBe(
      [
        'NAME             STATE  COUNT  ADDRESS',
        'Samples/Counter  ready      3  https://localhost:8443/Samples/Counter',
        'Échos            -         12',
      ].join('\n'),
    )
  })

  it.each([
    [
      45,
      [
        'NAME            STATE  COUNT  ADDRESS',
        'Samples/Count…  ready      3  https://localh…',
        'Échos           -         12',
      ],
    ],
    [30, ['NAME             STATE  COUNT', 'Samples/Counter  ready      3', 'Échos            -         12']],
    [24, ['NAME        STATE  COUNT', 'Samples/C…  ready      3', 'Échos       -         12']],
    [16, ['NAME       STATE', 'Samples/…  ready', 'Échos      -']],
  ])('is cut and loses columns to fit %i columns', (width, lines) => {
    expect(table(rows, columns, width).split('\n')).toEqual(lines)
  })

  it('never is wider than the terminal while there is something to leave out', () => {
    for (let width = 15; width < 90; width += 1) {
      const lines = table(rows, columns, width).split('\n')
      expect(Math.max(...lines.map((line) => [...line].length)), `width ${width}`).toBeLessThanOrEqual(width)
    }
  })

  it('counts a colour as nothing', () => {
    const painted = columns.map((column) => ({ ...column, paint: (text: string) => `\u001b[32m${text}\u001b[39m` }))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken away
    const bare = table(rows, painted, 60).replace(/\u001b\[\d+m/g, '')
    expect(bare.split('\n').map((line) => line.trimEnd())).toEqual(table(rows, columns, 60).split('\n'))
  })

  it('shows no control characters that a service wrote', () => {
    const hostile = [{ name: 'a\u001b[2Jb\nc\u0007', count: 1, address: '\u202egnp.exe' }]
    expect(table(hostile, columns, Number.POSITIVE_INFINITY).split('\n')[1]).toBe('ab c?  -          1  ?gnp.exe')
  })
})
