import type { Visited } from '../harness/slices.ts'

/** What a ratio was made of: `28.4 against 20.1 µs of processor time`. */
export const perCall = (own: Visited, base: Visited): string =>
  `${own.cpuPerCall.toFixed(1)} against ${base.cpuPerCall.toFixed(1)} µs of processor time`
