/** The value below which the share `part` (0 to 1) of the values lies; the lower of two neighbours, never a mean of them. NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN
}

export const lowerQuartile = (values: readonly number[]): number => quantile(values, 0.25)

/** Of an even number of values the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * How many times `values` the values of `base` are, compared round by round: what disturbs the machine in one round disturbs both.
 *
 * Rounds in which one of the two has no finite value are left out.
 */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(
    values.map((value, round) => value / (base[round] ?? Number.NaN)).filter((ratio) => Number.isFinite(ratio)),
  )
}
