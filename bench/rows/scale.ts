import { writeEchoGar, writeWorkGar } from '../dhn/bench-services.ts'
import { NodeUnderTest } from '../dhn/node-under-test.ts'
import { problemOf, type RunningServer } from '../harness/server.ts'
import { type Visited, visitInTurns } from '../harness/slices.ts'
import { Stops } from '../harness/stops.ts'
import type { Bench, Row, RowResult } from './bench.ts'

const connections = 64
/** Of the service that computes. */
const milliseconds = 1

/** What several fronts cost and bring, beside the node that is its own front. */
export const fronts: Row = {
  name: 'fronts',
  about: 'the 200-byte call with one front and with two, on all processors',
  run: (bench) =>
    compare(bench, {
      row: 'JSON RPC call, 200 B, with 2 fronts',
      name: 'Echo',
      gar: writeEchoGar(bench.scratch, 'Echo'),
      variants: [
        ['1 front', ['/DHN/Fronts=1']],
        ['2 fronts', ['/DHN/Fronts=2']],
      ],
    }),
}

/** What a service that computes gains by a second process. */
export const severalPlaces: Row = {
  name: 'instances',
  about: `a service that computes for ${milliseconds} ms a call, in one process and in two, on all processors`,
  run: (bench) =>
    compare(bench, {
      row: `JSON RPC call that computes for ${milliseconds} ms, in 2 processes`,
      name: 'Work',
      gar: writeWorkGar(bench.scratch, 'Work', milliseconds),
      variants: [
        ['1 process', ['/DHN/Instances/Default=1']],
        ['2 processes', ['/DHN/Instances/Default=2']],
      ],
    }),
}

interface Comparison {
  readonly row: string
  /** Of the service in the GAR. */
  readonly name: string
  readonly gar: string
  /** What a node is called, and how it is set; the first one is what the others are held against. */
  readonly variants: readonly [label: string, settings: readonly string[]][]
}

/** The load shares the processors with what it measures: no figure here says what a machine with more of them can do. */
async function compare(bench: Bench, { row, name, gar, variants }: Comparison): Promise<RowResult> {
  const { cores, generator, rounds, tell } = bench
  const stops = new Stops()
  const endAll = bench.stops.add(() => stops.all())
  try {
    const servers: RunningServer[] = []
    for (const [label, settings] of variants) {
      const node = new NodeUnderTest(stops)
      await node.start(cores.any, settings)
      await node.deploy(gar)
      const server = node.server(label, name, 200)
      const problem = await problemOf(server.request)
      if (problem !== undefined) throw new Error(`dhn with ${label} did not answer: ${problem}`)
      servers.push(server)
    }
    const warmUp = bench.quick ? 500 : 10_000
    const [one, two] = (await visitInTurns(servers, { generator, cores, rounds, connections, warmUp, tell })) as [
      Visited,
      Visited,
    ]
    const perSecond = ({ callsPerSecond }: Visited): string => callsPerSecond.median.toFixed(0)
    const perCall = ({ cpuPerCall }: Visited): string => cpuPerCall.toFixed(1)
    return {
      figures: [
        {
          row,
          what: 'processor time a call, against one',
          value: two.ratio,
          unit: '×',
          from: `${perCall(two)} against ${perCall(one)} µs`,
        },
        {
          row,
          what: 'calls a second, against one',
          value: two.callsPerSecond.median / one.callsPerSecond.median,
          unit: '×',
          from: `${perSecond(two)} against ${perSecond(one)}, medians; the load has a part of the same processors`,
        },
        { row, what: 'calls that failed', value: one.failed + two.failed, unit: 'calls', bar: 0 },
      ],
    }
  } finally {
    await endAll()
  }
}
