import { writeEchoGar } from '../dhn/bench-services.ts'
import { NodeUnderTest } from '../dhn/node-under-test.ts'
import { median } from '../harness/arithmetic.ts'
import { memoryOf } from '../harness/processes.ts'
import type { Bench, Row, RowResult } from './bench.ts'

/** New versions take over from old ones while 64 connections call without a pause. */
export const redeployUnderLoad = underLoad('redeploy', '100 redeploys under 64 connections', 100)

/** The same where each call may come in at one of two fronts, which must all have followed. */
export const redeployWithFronts = underLoad(
  'redeploy-fronts',
  '50 redeploys under 64 connections, with 2 fronts',
  50,
  '/DHN/Fronts=2',
)

function underLoad(name: string, about: string, most: number, ...settings: readonly string[]): Row {
  return { name, about, run: (bench) => redeploy(bench, about, bench.quick ? 5 : most, settings) }
}

async function redeploy(bench: Bench, row: string, redeploys: number, settings: readonly string[]): Promise<RowResult> {
  const node = new NodeUnderTest(bench.stops)
  await node.start(bench.cores.server, settings)
  await node.deploy(writeEchoGar(bench.scratch, 'Echo', 0))
  const server = node.server('dhn', 'Echo', 200)
  const options = { connections: 64, seconds: 1800, cpu: bench.cores.load, statuses: true }
  const load = bench.generator.start(server.request, options)
  const endLoad = bench.stops.add(() => load.stop())
  const times: number[] = []
  try {
    for (let build = 1; build <= redeploys; build += 1) {
      const begun = Date.now()
      await node.deploy(writeEchoGar(bench.scratch, 'Echo', build))
      times.push(Date.now() - begun)
      if (build % 20 === 0) bench.tell(`${build} redeploys under load`)
    }
  } finally {
    await endLoad()
  }
  const { calls, failed, statuses, p99 } = await load.result
  await node.stop()
  const failures = failed === 0 ? '' : `: ${JSON.stringify(statuses)}`
  return {
    figures: [
      { row, what: 'calls that failed', value: failed, unit: 'calls', bar: 0, from: `of ${calls}${failures}` },
      { row, what: 'one redeploy, median', value: median(times), unit: 'ms', from: 'the node stays saturated' },
      { row, what: 'p99 of all calls', value: p99 / 1000, unit: 'ms' },
    ],
  }
}

/** What the front keeps of versions that are gone. */
export const memoryAfterRedeploys: Row = {
  name: 'memory',
  about: 'memory of the front after 200 redeploys',
  async run(bench) {
    const [before, redeploys] = bench.quick ? [5, 10] : [50, 200]
    const node = new NodeUnderTest(bench.stops)
    await node.start(bench.cores.server)
    for (let build = 0; build < before; build += 1) await node.deploy(writeEchoGar(bench.scratch, 'Echo', build))
    const first = await settledMemory(node)
    const course = [first]
    for (let build = 0; build < redeploys; build += 1) {
      await node.deploy(writeEchoGar(bench.scratch, 'Echo', before + build))
      if ((build + 1) % Math.ceil(redeploys / 10) === 0) course.push(await settledMemory(node))
      if ((build + 1) % 50 === 0) bench.tell(`${build + 1} redeploys`)
    }
    await node.stop()
    const growth = (course.at(-1) ?? Number.NaN) - first
    const megabytes = course.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(' ')
    return {
      figures: [
        {
          row: `memory of the front after ${redeploys} redeploys`,
          what: `growth after the first ${before}`,
          value: growth / 2 ** 20,
          unit: 'MB',
          bar: 10,
          from: `resident, in turn: ${megabytes} MB`,
        },
      ],
    }
  },
}

/** The least of some looks: what a collection of garbage, which comes when it likes, leaves standing. */
async function settledMemory(node: NodeUnderTest): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 5; look += 1) {
    least = Math.min(least, memoryOf(node.pid)?.resident ?? Number.NaN)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return least
}
