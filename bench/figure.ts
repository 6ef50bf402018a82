/** One thing that was measured, beside what it should be. */
export interface Figure {
  readonly row: string
  readonly what: string
  readonly value: number
  readonly unit: string
  /** At most this is met; none where the design sets no bar. */
  readonly bar?: number
  /** What the figure was made from, in a few words: `28.4 against 20.1 µs`. */
  readonly from?: string
}

export const isMet = ({ value, bar }: Figure): boolean | undefined =>
  bar === undefined || Number.isNaN(value) ? undefined : value <= bar

/** `1.27`, `8.3 MB`, `0 calls`. */
export function valueText({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  const digits = unit === '×' ? 2 : Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0
  return unit === '×' ? value.toFixed(digits) : `${value.toFixed(digits)} ${unit}`
}
