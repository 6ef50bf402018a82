import { writeEchoGar } from '../dhn/bench-services.ts'
import { NodeUnderTest, program } from '../dhn/node-under-test.ts'
import { median } from '../harness/arithmetic.ts'
import { type CommandTime, timeCommand } from '../harness/command-time.ts'
import { cpuNanosecondsOfAll, memoryOf, processTree, sum } from '../harness/processes.ts'
import type { Row } from './bench.ts'

/** A full node: how long it takes to come back, what each instance costs, what `dhn list` takes then. On all processors. */
export const hundredServices: Row = {
  name: 'hundred',
  about: '100 services deployed',
  async run({ cores, quick, rounds, scratch, stops, tell }) {
    const services = quick ? 10 : 100
    const node = new NodeUnderTest(stops)
    await node.start(cores.any)
    const deploysBegun = Date.now()
    for (let index = 0; index < services; index += 1) {
      await node.deploy(writeEchoGar(scratch, `Echo${index}`))
      if ((index + 1) % 25 === 0) tell(`${index + 1} services`)
    }
    const deploys = Date.now() - deploysBegun
    await node.stop()

    const begun = Date.now()
    await node.start(cores.any)
    await ready(node, services)
    const start = Date.now() - begun
    const startCpu = cpuNanosecondsOfAll(processTree(node.pid)) / 1e6

    const instances = processTree(node.pid).filter((pid) => pid !== node.pid)
    const memory = sum(instances.map((pid) => memoryOf(pid)?.proportional ?? Number.NaN)) / services
    const front = memoryOf(node.pid)?.proportional ?? Number.NaN
    const lists: CommandTime[] = []
    for (let round = 0; round < rounds; round += 1) {
      lists.push(await timeCommand(process.execPath, [program, 'list', '--home', node.home], { cpu: cores.any }))
    }
    await node.stop()
    const row = `${services} services deployed`
    const cpu = `${median(lists.map((list) => list.cpu)).toFixed(0)} ms of processor time of the command`
    return {
      figures: [
        {
          row,
          what: 'start of the node to all ready',
          value: start / 1000,
          unit: 's',
          bar: 5,
          from: `${(startCpu / 1000).toFixed(1)} s of processor time`,
        },
        {
          row,
          what: 'memory of each instance',
          value: memory / 2 ** 20,
          unit: 'MB',
          from: 'proportional set size, without the front',
        },
        { row, what: 'memory of the front', value: front / 2 ** 20, unit: 'MB', from: 'proportional set size' },
        { row, what: 'dhn list', value: median(lists.map((list) => list.wall)), unit: 'ms', from: cpu },
        { row, what: 'one deploy, mean', value: deploys / services, unit: 'ms', from: 'one after another' },
      ],
    }
  },
}

async function ready(node: NodeUnderTest, services: number): Promise<void> {
  const giveUp = Date.now() + 300_000
  for (;;) {
    const { instances } = await node.client.view()
    if ((instances.ready ?? 0) >= services) return
    if (Date.now() > giveUp) throw new Error(`not all came back: ${JSON.stringify(instances)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
