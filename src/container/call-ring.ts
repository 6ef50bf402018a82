/** One call as the flight recorder keeps it: never its arguments or its answer. */
export interface CallNote {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly service: string
  readonly method: string
  /** Absent while it is under way. */
  readonly durationMs?: number
  /** As HTTP has it; absent while it is under way. */
  readonly status?: number
}

const underWay = -1

/**
 * The last calls of a running instance, those under way among them.
 *
 * Every call of every service passes through here: a call costs a slot that is there already, and nothing is allocated.
 */
export class CallRing {
  readonly #services: string[]
  readonly #methods: string[]
  readonly #numbers: Float64Array
  readonly #started: Float64Array
  readonly #durations: Float64Array
  readonly #statuses: Uint16Array
  #next = 0

  /** @param size how many calls are kept, at least 1 */
  constructor(readonly size: number) {
    this.#services = new Array<string>(size).fill('')
    this.#methods = new Array<string>(size).fill('')
    this.#numbers = new Float64Array(size).fill(-1)
    this.#started = new Float64Array(size)
    this.#durations = new Float64Array(size)
    this.#statuses = new Uint16Array(size)
  }

  /** A call has begun at `started`, by `performance.now`; `end` is told the number that this returns. */
  begin(service: string, method: string, started: number): number {
    const number = this.#next
    this.#next += 1
    const slot = number % this.size
    this.#services[slot] = service
    this.#methods[slot] = method
    this.#numbers[slot] = number
    this.#started[slot] = started
    this.#durations[slot] = underWay
    return number
  }

  end(number: number, status: number, durationMs: number): void {
    const slot = number % this.size
    // A later call may have its slot by now.
    if (this.#numbers[slot] !== number) return
    this.#durations[slot] = durationMs
    this.#statuses[slot] = status
  }

  /** Oldest first. */
  list(): CallNote[] {
    const first = Math.max(0, this.#next - this.size)
    return Array.from({ length: this.#next - first }, (_, index) => this.#note((first + index) % this.size))
  }

  #note(slot: number): CallNote {
    const duration = this.#durations[slot] as number
    return {
      at: new Date(performance.timeOrigin + (this.#started[slot] as number)).toISOString(),
      service: this.#services[slot] as string,
      method: this.#methods[slot] as string,
      ...(duration === underWay
        ? {}
        : { durationMs: Math.round(duration * 100) / 100, status: this.#statuses[slot] as number }),
    }
  }
}
