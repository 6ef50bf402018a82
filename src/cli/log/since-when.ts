import { UsageError } from '../errors.ts'

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A time as ISO 8601 has it, or how long ago, such as `90s`, `10m`, `2h`, `3d`; as ISO 8601 in UTC.
 *
 * @throws {UsageError} it is neither
 */
export function sinceWhen(text: string, now: number): string {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const time = count === undefined ? Date.parse(text) : now - Number(count) * (units[unit] ?? 0)
  if (Number.isNaN(time) || (count === undefined && !/^\d{4}-/.test(text))) {
    throw new UsageError(`--since takes a time such as 2027-01-31T12:00:00Z or how long ago, such as 10m, not ${text}`)
  }
  return new Date(time).toISOString()
}
