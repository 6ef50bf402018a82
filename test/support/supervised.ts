import type { Supervision } from '../../src/isolate/place.ts'

/** Supervision that leaves a service of a test alone on a busy machine, but for what is given. */
export const supervised = (given: Partial<Supervision>): Supervision => ({
  interval: 1000,
  silence: 30_000,
  call: 60_000,
  unansweredCalls: 10,
  memoryMegabytes: 1024,
  descriptors: 4096,
  ...given,
})
