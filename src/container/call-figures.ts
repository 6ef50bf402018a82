/** Upper bounds of the durations that are counted apart, in seconds; what is longer is counted at the end. */
export const durationBounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10] as const

/** What became of calls since this was last told, elsewhere: lists as in `CallFigures`. */
export interface CallCounts {
  readonly answers: readonly number[]
  readonly durations: readonly number[]
  readonly seconds: number
  readonly refusals: readonly (readonly [code: string, count: number])[]
}

/**
 * What has become of the calls of one version of a running instance since the node started: plain numbers, as every call
 * passes here. They only grow.
 */
export class CallFigures {
  /** Answers by the first digit of their status. */
  readonly answers = new Float64Array(6)
  /** Durations, one field for each bound and one for what is longer. */
  readonly durations = new Float64Array(durationBounds.length + 1)
  /** All durations together. */
  seconds = 0
  /** Calls that never reached the service, by the code of the refusal. */
  readonly refusals = new Map<string, number>()
  /** How often it has failed, and how often it was started anew after that. */
  failures = 0
  restarts = 0
  /** How often one of several places ended while others served. */
  losses = 0

  answered(status: number, seconds: number): void {
    const first = (status / 100) | 0
    this.answers[first] = (this.answers[first] as number) + 1
    let at = 0
    while (at < durationBounds.length && seconds > (durationBounds[at] as number)) at++
    this.durations[at] = (this.durations[at] as number) + 1
    this.seconds += seconds
  }

  refused(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
  }

  /** What became of calls until now, which is then counted from 0 again. */
  take(): CallCounts {
    const counts = {
      answers: [...this.answers],
      durations: [...this.durations],
      seconds: this.seconds,
      refusals: [...this.refusals],
    }
    this.answers.fill(0)
    this.durations.fill(0)
    this.seconds = 0
    this.refusals.clear()
    return counts
  }

  add({ answers, durations, seconds, refusals }: CallCounts): void {
    answers.forEach((count, at) => {
      this.answers[at] = (this.answers[at] ?? 0) + count
    })
    durations.forEach((count, at) => {
      this.durations[at] = (this.durations[at] ?? 0) + count
    })
    this.seconds += seconds
    for (const [code, count] of refusals) this.refusals.set(code, (this.refusals.get(code) ?? 0) + count)
  }
}
