import { Histogram } from './histogram.ts'
import type { LoadFigures } from './load-run.ts'
import type { ServerUsage } from './server-usage.ts'

/** One second of the load and of its server. Times are milliseconds, null where no call was answered. */
export interface ReportedSecond {
  readonly second: number
  readonly connections: number
  readonly calls: number
  readonly errors: number
  readonly mean: number | null
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly server?: ServerUsage
}

/** What `dhn bench --json` prints. */
export interface LoadReport {
  readonly address: string
  readonly method: string
  readonly load: {
    readonly connections: number
    readonly processes: number
    readonly seconds: number
    readonly ramp: number
  }
  /** Of the time after the ramp; times in milliseconds. */
  readonly total: {
    readonly seconds: number
    readonly calls: number
    readonly errors: number
    /** How often what happened instead of an S_OK, over the whole time. */
    readonly errorKinds: Readonly<Record<string, number>>
    readonly callsPerSecond: number
    readonly mean: number | null
    readonly p50: number | null
    readonly p90: number | null
    readonly p95: number | null
    readonly p99: number | null
    readonly max: number | null
  }
  /** Absent when the server could not be watched. */
  readonly server?: {
    readonly pid: number
    readonly cpuPercent: number
    /** Processor time for each call that was answered, microseconds. */
    readonly cpuPerCall: number | null
    readonly memoryAtFirst: number
    readonly memoryAtLast: number
  }
  readonly seconds: readonly ReportedSecond[]
}

export interface Measured extends LoadFigures {
  readonly server?: ServerUsage
}

/** Puts the seconds of a load together. */
export function loadReport(
  what: Pick<LoadReport, 'address' | 'method' | 'load'>,
  measured: readonly Measured[],
  pid: number | undefined,
): LoadReport {
  const seconds = [...measured].sort((one, other) => one.second - other.second)
  // With a ramp to the very end all of it counts.
  const full = seconds.filter(({ second }) => second >= what.load.ramp)
  const counted = full.length > 0 ? full : seconds
  const times = new Histogram()
  for (const each of counted) times.merge(each.times.data())
  const errorKinds: Record<string, number> = {}
  for (const [kind, count] of seconds.flatMap(({ errors }) => [...errors])) {
    errorKinds[kind] = (errorKinds[kind] ?? 0) + count
  }
  const server = pid === undefined ? undefined : serverTotal(pid, seconds, counted, times.calls)
  return {
    ...what,
    total: {
      seconds: counted.length,
      calls: times.calls,
      errors: counted.reduce((sum, each) => sum + errorsOf(each), 0),
      errorKinds,
      callsPerSecond: counted.length === 0 ? 0 : times.calls / counted.length,
      mean: milliseconds(times.mean),
      p50: milliseconds(times.quantile(0.5)),
      p90: milliseconds(times.quantile(0.9)),
      p95: milliseconds(times.quantile(0.95)),
      p99: milliseconds(times.quantile(0.99)),
      max: milliseconds(times.calls === 0 ? Number.NaN : times.max),
    },
    ...(server === undefined ? {} : { server }),
    seconds: seconds.map(reported),
  }
}

function reported({ second, connections, times, server, ...rest }: Measured): ReportedSecond {
  return {
    second,
    connections,
    calls: times.calls,
    errors: errorsOf(rest),
    mean: milliseconds(times.mean),
    p50: milliseconds(times.quantile(0.5)),
    p95: milliseconds(times.quantile(0.95)),
    p99: milliseconds(times.quantile(0.99)),
    ...(server === undefined ? {} : { server }),
  }
}

function serverTotal(
  pid: number,
  seconds: readonly Measured[],
  counted: readonly Measured[],
  calls: number,
): LoadReport['server'] {
  const watched = seconds.flatMap(({ server }) => server ?? [])
  const [first, last] = [watched[0], watched.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const before = seconds.filter(({ second }) => second < (counted[0]?.second ?? 0)).at(-1)?.server?.cpuSeconds ?? 0
  const cpu = last.cpuSeconds - before
  return {
    pid,
    cpuPercent: (cpu / counted.length) * 100,
    cpuPerCall: calls === 0 ? null : Math.round((cpu * 1e7) / calls) / 10,
    memoryAtFirst: first.memoryBytes,
    memoryAtLast: last.memoryBytes,
  }
}

const errorsOf = ({ errors }: Pick<Measured, 'errors'>): number =>
  [...errors.values()].reduce((sum, count) => sum + count, 0)

const milliseconds = (microseconds: number): number | null =>
  Number.isFinite(microseconds) ? Math.round(microseconds) / 1000 : null
