/** When a failed running instance is started again. Times are milliseconds. */
export interface RestartPolicy {
  /** From the first failure to the next attempt; doubled with each further failure. */
  readonly firstDelay: number
  readonly longestDelay: number
  /** How far a delay may stray from that, as a share of it: 0.1 is ten per cent up or down. */
  readonly jitter: number
  /** Failures are forgotten when it has been ready for so long. */
  readonly healthyAfter: number
  /** It isn't started again when it failed so many times within so long. */
  readonly giveUp: { readonly failures: number; readonly within: number }
}

export const defaultRestartPolicy: RestartPolicy = {
  firstDelay: 1_000,
  longestDelay: 60_000,
  jitter: 0.1,
  healthyAfter: 60_000,
  giveUp: { failures: 5, within: 300_000 },
}

/** The time of the next attempt, or why there is none. */
export type Restart = { readonly at: number } | { readonly gaveUp: string }

/**
 * Says when a failed instance is started again.
 *
 * `failures` are the times of its failures since it was last healthy, oldest first, the one that just happened among
 * them. `random` gives a number from 0 to below 1. Times are milliseconds since 1970.
 */
export function nextRestart(
  policy: RestartPolicy | 'never',
  failures: readonly number[],
  now: number,
  random: () => number,
): Restart {
  if (policy === 'never') return { gaveUp: 'it is not restarted by itself' }
  const { giveUp } = policy
  const recent = failures.filter((at) => now - at <= giveUp.within).length
  if (recent >= giveUp.failures) {
    return { gaveUp: `${recent} failures within ${Math.round(giveUp.within / 1_000)} s` }
  }
  const doubled = policy.firstDelay * 2 ** Math.max(0, failures.length - 1)
  const stray = 1 + policy.jitter * (2 * random() - 1)
  return { at: now + Math.round(Math.min(doubled, policy.longestDelay) * stray) }
}
