import { UsageError } from './errors.ts'

/**
 * The value of an option that takes a whole number; undefined when it wasn't given.
 *
 * @throws {UsageError} it is none, or out of its range
 */
export function wholeNumber(
  flag: string,
  text: string | undefined,
  { from, to }: { readonly from: number; readonly to: number },
): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= from && number <= to)) {
    throw new UsageError(`${flag} takes a whole number from ${from} to ${to}, not ${text}`)
  }
  return number
}
