import { plain } from './text.ts'

/** One column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | undefined
  /** Left out on a narrow terminal, the highest first; absent: it stays. */
  readonly drop?: number
  /** Its cells may be cut with `…` down to this many characters, before a column is left out for want of room. */
  readonly cut?: number
  readonly align?: 'right'
  /** Colours a cell; its width is that of the plain text. */
  readonly paint?: (text: string, row: Row) => string
}

const gap = '  '

/**
 * Rows under their titles, in the widest choice of columns that `width` holds; lines end without blanks.
 *
 * @param width columns of the terminal; Infinity where the output isn't one, so that nothing is left out
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string {
  const shown = columnsThatFit(rows, columns, width)
  const widths = cutToFit(
    shown.map((column) => columnWidth(rows, column)),
    shown,
    width,
  )
  const titles = shown.map((column, at) => pad(column.title.toUpperCase(), widths[at] as number, column.align))
  const lines = rows.map((row) =>
    shown.map((column, at) => {
      const text = shorten(cell(column, row), widths[at] as number)
      const padding = ' '.repeat((widths[at] as number) - lengthOf(text))
      const painted = column.paint?.(text, row) ?? text
      return column.align === 'right' ? padding + painted : painted + padding
    }),
  )
  return [titles, ...lines].map((cells) => cells.join(gap).trimEnd()).join('\n')
}

function columnsThatFit<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): Column<Row>[] {
  let shown = [...columns]
  const needed = () => total(shown.map((column) => Math.min(columnWidth(rows, column), column.cut ?? Infinity)))
  while (needed() > width) {
    const next = shown.reduce<Column<Row> | undefined>(
      (least, column) => ((column.drop ?? 0) > (least?.drop ?? 0) ? column : least),
      undefined,
    )
    if (next === undefined) break
    shown = shown.filter((column) => column !== next)
  }
  return shown
}

/** Takes what is too much from the columns that may be cut, the widest first. */
function cutToFit<Row>(widths: number[], columns: readonly Column<Row>[], width: number): number[] {
  let excess = total(widths) - width
  while (excess > 0) {
    const widest = columns.reduce(
      (best, { cut = Infinity }, at) => ((widths[at] as number) > Math.max(cut, widths[best] ?? 0) ? at : best),
      -1,
    )
    if (widest === -1) break
    widths[widest] = (widths[widest] as number) - 1
    excess -= 1
  }
  return widths
}

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, widths.length - 1)

/** Never less than the title. */
const columnWidth = <Row>(rows: readonly Row[], column: Column<Row>): number =>
  Math.max(lengthOf(column.title), ...rows.map((row) => lengthOf(cell(column, row))))

const cell = <Row>(column: Column<Row>, row: Row): string => plain(String(column.value(row) ?? '-'))

const lengthOf = (text: string): number => [...text].length

const pad = (text: string, width: number, align: 'right' | undefined): string =>
  align === 'right' ? text.padStart(width) : text.padEnd(width)

const shorten = (text: string, width: number): string =>
  lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`
