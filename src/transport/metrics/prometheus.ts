type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/**
 * Text in the exposition format of Prometheus, version 0.0.4: families of samples, each with its help and type.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class PrometheusText {
  readonly #lines: string[] = []

  gauge(name: string, help: string, ...samples: readonly Sample[]): void {
    this.#family(name, 'gauge', help, samples)
  }

  /** The name should end with `_total`. */
  counter(name: string, help: string, ...samples: readonly Sample[]): void {
    this.#family(name, 'counter', help, samples)
  }

  /** `counts` has one more than `bounds`: what lies above the last one. They are those of each bound alone, not added up. */
  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    ...series: readonly { readonly labels: Labels; readonly counts: ArrayLike<number>; readonly sum: number }[]
  ): void {
    if (series.length === 0) return
    this.#head(name, 'histogram', help)
    for (const { labels, counts, sum } of series) {
      let count = 0
      for (let at = 0; at <= bounds.length; at++) {
        count += counts[at] ?? 0
        this.#sample(`${name}_bucket`, { ...labels, le: String(bounds[at] ?? '+Inf') }, count)
      }
      this.#sample(`${name}_sum`, labels, sum)
      this.#sample(`${name}_count`, labels, count)
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`
  }

  #family(name: string, type: string, help: string, samples: readonly Sample[]): void {
    if (samples.length === 0) return
    this.#head(name, type, help)
    for (const [labels, value] of samples) this.#sample(name, labels, value)
  }

  #head(name: string, type: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
  }

  #sample(name: string, labels: Labels, value: number): void {
    const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
    this.#lines.push(`${name}${written.length === 0 ? '' : `{${written.join(',')}}`} ${value}`)
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }
const escaped = (text: string): string => text.replaceAll(/[\\"\n]/g, (found) => escapes[found] as string)
