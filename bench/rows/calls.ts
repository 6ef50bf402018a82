import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeEchoGar } from '../dhn/bench-services.ts'
import { NodeUnderTest } from '../dhn/node-under-test.ts'
import type { Figure } from '../figure.ts'
import { problemOf, type RunningServer } from '../harness/server.ts'
import { type Visited, visitInTurns } from '../harness/slices.ts'
import { Stops } from '../harness/stops.ts'
import type { PeerPlace } from '../peers/peer.ts'
import { measure, peers } from '../peers/peers.ts'
import { perCall } from './against.ts'
import type { Bench, Row, RowResult } from './bench.ts'

const connections = 64

/** A rung of the isolation ladder, and what a call on it may cost against the bare server. */
interface Rung {
  readonly isolation: 'process' | 'thread'
  readonly bar: number
}

const nameOf = ({ isolation }: Rung): string => `dhn, JSON RPC, ${isolation}`

/** The 200-byte call against the bare server and against everyone else. */
export const smallCalls: Row = {
  name: 'calls',
  about: 'the 200-byte JSON echo of everyone, side by side',
  run: (bench) =>
    sideBySide(bench, {
      size: 200,
      row: 'JSON RPC call, 200 B',
      rungs: [
        { isolation: 'process', bar: 1.4 },
        { isolation: 'thread', bar: 1.25 },
      ],
      others: peers,
    }),
}

/** The same with 20 KB, against the bare server. */
export const largeCalls: Row = {
  name: 'large-calls',
  about: 'the same with 20 KB',
  run: (bench) =>
    sideBySide(bench, {
      size: 20_000,
      row: 'JSON RPC call, 20 KB',
      rungs: [{ isolation: 'process', bar: 1.6 }],
      others: [],
    }),
}

interface Comparison {
  readonly size: number
  readonly row: string
  readonly rungs: readonly Rung[]
  readonly others: typeof peers
}

async function sideBySide(bench: Bench, { size, row, rungs, others }: Comparison): Promise<RowResult> {
  const stops = new Stops()
  const endAll = bench.stops.add(() => stops.all())
  const versions: Record<string, string> = {}
  const leftOut: { name: string; why: string }[] = []
  const servers: RunningServer[] = []
  try {
    servers.push(await measure.peer.start(placeOf(measure.folder, bench, stops), size))
    versions[measure.peer.id] = measure.peer.version(placeOf(measure.folder, bench, stops))
    for (const rung of rungs) servers.push(await ourServer(bench, stops, rung, size))
    for (const { folder, peer } of bench.peers ? others : []) {
      const place = placeOf(folder, bench, stops)
      try {
        await peer.install(place)
        servers.push(await peer.start(place, size))
        versions[peer.id] = peer.version(place)
      } catch (error) {
        leftOut.push({ name: peer.id, why: (error as Error).message })
        bench.tell(`${peer.id} is left out: ${(error as Error).message}`)
      }
    }
    const { generator, cores, rounds, tell } = bench
    const warmUp = bench.quick ? 2000 : 60_000
    const visited = await visitInTurns(servers, { generator, cores, rounds, connections, warmUp, tell })
    return {
      figures: rungs.flatMap((rung) => figuresOf(visited, row, rung)),
      visited: { title: row, servers: visited, versions, leftOut },
    }
  } finally {
    await endAll()
  }
}

async function ourServer(bench: Bench, stops: Stops, rung: Rung, size: number): Promise<RunningServer> {
  const node = new NodeUnderTest(stops)
  if (rung.isolation === 'thread') {
    node.initialize()
    node.set('Threads', 'bench_echo')
  }
  await node.start(bench.cores.server)
  await node.deploy(writeEchoGar(bench.scratch, 'Echo'))
  const server = node.server(nameOf(rung), 'Echo', size)
  const problem = await problemOf(server.request)
  if (problem !== undefined) throw new Error(`dhn did not answer the echo: ${problem}`)
  return server
}

function figuresOf(visited: readonly Visited[], row: string, rung: Rung): Figure[] {
  const [bare, own] = [visited[0] as Visited, visited.find(({ name }) => name === nameOf(rung)) as Visited]
  const what = `${rung.isolation}, against a bare node:http echo`
  return [
    { row, what, value: own.ratio, unit: '×', bar: rung.bar, from: perCall(own, bare) },
    { row, what: `${rung.isolation}, calls that failed`, value: own.failed, unit: 'calls', bar: 0 },
  ]
}

const placeOf = (name: string, { peersFolder, cores, tell }: Bench, stops: Stops): PeerPlace => ({
  folder: join(peersFolder, name),
  source: fileURLToPath(new URL(`../peers/${name}`, import.meta.url)),
  cores,
  stops,
  tell,
})
