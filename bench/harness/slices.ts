import { lowerQuartile, median, medianRatio } from './arithmetic.ts'
import type { LoadGenerator } from './load.ts'
import type { Cores } from './machine.ts'
import { busyNanoseconds, cpuNanoseconds } from './processes.ts'
import type { RunningServer } from './server.ts'

interface Slice {
  /** Microseconds of processor time of the server, all its threads and children. */
  readonly cpuPerCall: number
  readonly callsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
  /** Share of the server's processor that went to others, 0 to 1. */
  readonly foreign: number
}

export interface Visited {
  readonly name: string
  readonly slices: readonly Slice[]
  /** Processor time for each call, lower quartile of the slices, in microseconds. */
  readonly cpuPerCall: number
  /** Median over the rounds of its processor time to that of the first one in the same round. */
  readonly ratio: number
  readonly callsPerSecond: { readonly median: number; readonly best: number }
  /** Medians of the slices, in microseconds. */
  readonly p50: number
  readonly p99: number
  readonly failed: number
  readonly foreign: number
}

export interface VisitOptions {
  readonly generator: LoadGenerator
  readonly cores: Cores
  readonly rounds: number
  readonly connections: number
  /** Calls that each server answers before anything counts, so that its code is compiled. */
  readonly warmUp: number
  readonly tell: (line: string) => void
}

/**
 * Visits servers that all stay up for one second each, round after round, every second round backwards.
 *
 * What disturbs the machine then disturbs all of them, so that they can be compared with each other, and only so.
 */
export async function visitInTurns(servers: readonly RunningServer[], options: VisitOptions): Promise<Visited[]> {
  const { rounds, tell } = options
  for (const server of servers) await warm(server, options)
  const slices = new Map<RunningServer, Slice[]>(servers.map((server) => [server, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const server of round % 2 === 0 ? servers : [...servers].reverse()) {
      slices.get(server)?.push(await visit(server, options, 1))
    }
    tell(`round ${round + 1} of ${rounds}`)
  }
  const base = (slices.get(servers[0] as RunningServer) ?? []).map(({ cpuPerCall }) => cpuPerCall)
  return servers.map((server) => summary(server.name, slices.get(server) ?? [], base))
}

/** A slow one gets 20 seconds. */
async function warm(server: RunningServer, options: VisitOptions): Promise<void> {
  let calls = 0
  for (let second = 0; second < 20 && calls < options.warmUp; second += 1) {
    calls += (await visit(server, options, 1)).callsPerSecond
  }
}

async function visit(
  server: RunningServer,
  { generator, cores, connections }: VisitOptions,
  seconds: number,
): Promise<Slice> {
  const load = generator.start(server.request, { connections, seconds, cpu: cores.load })
  await load.ready
  const pids = server.pids()
  const busy = busyNanoseconds(cores.server)
  const begun = process.hrtime.bigint()
  const before = cpuNanoseconds(pids)
  const { calls, seconds: lasted, p50, p99, failed } = await load.result
  const used = cpuNanoseconds(server.pids()) - before
  const took = Number(process.hrtime.bigint() - begun)
  return {
    cpuPerCall: used / 1000 / calls,
    callsPerSecond: calls / lasted,
    p50,
    p99,
    failed,
    foreign: Math.max(0, busyNanoseconds(cores.server) - busy - used) / took,
  }
}

function summary(name: string, slices: readonly Slice[], base: readonly number[]): Visited {
  const of = (value: (slice: Slice) => number): number[] => slices.map(value)
  const perCall = of(({ cpuPerCall }) => cpuPerCall)
  const perSecond = of(({ callsPerSecond }) => callsPerSecond)
  return {
    name,
    slices,
    cpuPerCall: lowerQuartile(perCall),
    ratio: medianRatio(perCall, base),
    callsPerSecond: { median: median(perSecond), best: Math.max(...perSecond) },
    p50: median(of(({ p50 }) => p50)),
    p99: median(of(({ p99 }) => p99)),
    failed: of(({ failed }) => failed).reduce((total, failed) => total + failed, 0),
    foreign: median(of(({ foreign }) => foreign)),
  }
}
