/** So many buckets for each doubling: a value is known to 3 %. */
const STEPS = 32
const EXACT = 2 * STEPS
const STEP_BITS = 5
const BUCKETS = EXACT + (31 - STEP_BITS) * STEPS

/** As it crosses processes. `counts` are pairs of bucket and count. */
export interface HistogramData {
  readonly calls: number
  readonly sum: number
  readonly max: number
  readonly counts: readonly (readonly [bucket: number, count: number])[]
}

/** How often each time was taken, in microseconds: of the size of a page, however many there are. */
export class Histogram {
  #calls = 0
  #sum = 0
  #max = 0
  readonly #counts = new Uint32Array(BUCKETS)

  get calls(): number {
    return this.#calls
  }

  get max(): number {
    return this.#max
  }

  /** NaN of none. */
  get mean(): number {
    return this.#sum / this.#calls
  }

  add(microseconds: number): void {
    this.#calls += 1
    this.#sum += microseconds
    if (microseconds > this.#max) this.#max = microseconds
    const bucket = bucketOf(microseconds)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
  }

  merge({ calls, sum, max, counts }: HistogramData): void {
    this.#calls += calls
    this.#sum += sum
    this.#max = Math.max(this.#max, max)
    for (const [bucket, count] of counts) this.#counts[bucket] = (this.#counts[bucket] as number) + count
  }

  /** The time within which the share `part` (0 to 1) of the calls was answered. NaN of none. */
  quantile(part: number): number {
    if (this.#calls === 0) return Number.NaN
    let left = Math.max(1, Math.ceil(this.#calls * part))
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count
      if (left <= 0) return Math.min(upperEnd(bucket), this.#max)
    }
    return this.#max
  }

  data(): HistogramData {
    const counts = [...this.#counts.entries()].filter(([, count]) => count > 0)
    return { calls: this.#calls, sum: this.#sum, max: this.#max, counts }
  }
}

function bucketOf(microseconds: number): number {
  const value = Math.min(Math.floor(microseconds), 0x7fffffff)
  if (value < EXACT) return value
  const exponent = 31 - Math.clz32(value)
  return EXACT + (exponent - STEP_BITS - 1) * STEPS + ((value >> (exponent - STEP_BITS)) & (STEPS - 1))
}

function upperEnd(bucket: number): number {
  if (bucket < EXACT) return bucket
  const doubling = Math.floor((bucket - EXACT) / STEPS)
  const step = (bucket - EXACT) % STEPS
  return (STEPS + step + 1) * 2 ** (doubling + 1) - 1
}
