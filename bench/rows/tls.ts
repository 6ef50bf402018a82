import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { writeEchoGar } from '../dhn/bench-services.ts'
import { makeGridCaller } from '../dhn/grid-caller.ts'
import { NodeUnderTest } from '../dhn/node-under-test.ts'
import { abLoad } from '../harness/ab.ts'
import { medianRatio } from '../harness/arithmetic.ts'
import { CannotHave, installDebian } from '../harness/install.ts'
import type { LoadGenerator } from '../harness/load.ts'
import { isThere } from '../harness/machine.ts'
import { nodeLoad } from '../harness/node-load.ts'
import { problemOf, type RunningServer } from '../harness/server.ts'
import { type Visited, visitInTurns } from '../harness/slices.ts'
import { Stops } from '../harness/stops.ts'
import { startSecureEcho } from '../peers/bare.ts'
import { perCall } from './against.ts'
import type { Bench, Row } from './bench.ts'

/** Calls on kept connections, opened with a proxy certificate. */
export const callsOverTls: Row = {
  name: 'tls',
  about: 'the 200-byte call over TLS with a proxy certificate, and without one',
  run: (bench) =>
    withServers(bench, async ({ bare, own, nobody }) => {
      const row = 'call over TLS, 200 B'
      const visited = await visit(bench, abOrNode(bench), [bare, own, nobody], { connections: 64, warmUp: 40_000 })
      const [ofBare, ofOwn, ofNobody] = visited as [Visited, Visited, Visited]
      const what = 'with a proxy certificate, against bare node:https'
      return {
        figures: [
          { row, what, value: ofOwn.ratio, unit: '×', bar: 1.15, from: perCall(ofOwn, ofBare) },
          {
            row,
            what: 'with a proxy certificate, against dhn without one',
            value: medianRatio(cpuOf(ofOwn), cpuOf(ofNobody)),
            unit: '×',
            from: perCall(ofOwn, ofNobody),
          },
          { row, what: 'calls that failed', value: ofOwn.failed, unit: 'calls', bar: 0 },
        ],
        visited: { title: row, servers: visited, versions: {}, leftOut: [] },
      }
    }),
}

/** A connection for each call: what it costs to find out who calls. */
export const handshakes: Row = {
  name: 'handshakes',
  about: 'TLS handshakes with a proxy certificate, a call in each connection',
  run: (bench) =>
    withServers(bench, async ({ bare, own }) => {
      const row = 'handshake with a proxy certificate, and a call'
      const servers = [bare, own].map((server) => ({ ...server, request: { ...server.request, fresh: true } }))
      const visited = await visit(bench, nodeLoad, servers, { connections: 16, warmUp: 1500 })
      const [ofBare, ofOwn] = visited as [Visited, Visited]
      return {
        figures: [
          { row, what: 'against bare node:https', value: ofOwn.ratio, unit: '×', from: perCall(ofOwn, ofBare) },
          { row, what: 'for each core and second', value: 1e6 / ofOwn.cpuPerCall, unit: 'handshakes' },
          { row, what: 'calls that failed', value: ofOwn.failed, unit: 'calls', bar: 0 },
        ],
        visited: { title: row, servers: visited, versions: {}, leftOut: [] },
      }
    }),
}

interface Servers {
  readonly bare: RunningServer
  /** dhn, called with a proxy certificate. */
  readonly own: RunningServer
  /** dhn, called without a certificate. */
  readonly nobody: RunningServer
}

/** All serve with the same host certificate, of P-256. */
async function withServers<Result>(bench: Bench, use: (servers: Servers) => Promise<Result>): Promise<Result> {
  const stops = new Stops()
  const endAll = bench.stops.add(() => stops.all())
  try {
    const folder = mkdtempSync(join(bench.scratch, 'tls-'))
    const node = new NodeUnderTest(stops)
    node.initialize()
    const caller = makeGridCaller(folder, node.home)
    const security = join(node.home, 'etc', 'grid-security')
    const host = { certificate: join(security, 'hostcert.pem'), key: join(security, 'hostkey.pem') }
    const cpu = bench.cores.server
    const bare = await startSecureEcho({ host, caller, cpu, log: join(folder, 'bare.log') }, stops)
    await node.start(cpu)
    await node.deploy(writeEchoGar(folder, 'Echo'))
    const own = await node.secureServer('dhn, process, proxy certificate', 'Echo', 200, { tls: caller })
    const nobody = await node.secureServer('dhn, process, no certificate', 'Echo', 200, { tls: { ca: caller.ca } })
    for (const { request } of [own, nobody]) {
      const problem = await problemOf(request)
      if (problem !== undefined) throw new Error(`dhn did not answer the echo: ${problem}`)
    }
    return await use({ bare, own, nobody })
  } finally {
    await endAll()
  }
}

const cpuOf = ({ slices }: Visited): number[] => slices.map(({ cpuPerCall }) => cpuPerCall)

const visit = (
  { cores, rounds, quick, tell }: Bench,
  generator: LoadGenerator,
  servers: readonly RunningServer[],
  { connections, warmUp }: { readonly connections: number; readonly warmUp: number },
): Promise<Visited[]> =>
  visitInTurns(servers, { generator, cores, rounds, connections, warmUp: quick ? 500 : warmUp, tell })

/** wrk can show no certificate. */
function abOrNode({ scratch, tell }: Bench): LoadGenerator {
  try {
    if (!isThere('ab')) installDebian(['apache2-utils'], tell)
    return abLoad(scratch)
  } catch (error) {
    if (!(error instanceof CannotHave)) throw error
    tell(`no ab (${error.message}): a client of node:https calls, which is slower than the servers`)
    return nodeLoad
  }
}
