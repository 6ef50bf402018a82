import { writeEchoGar } from '../dhn/bench-services.ts'
import { NodeUnderTest, program } from '../dhn/node-under-test.ts'
import type { Figure } from '../figure.ts'
import { lowerQuartile, median, medianRatio } from '../harness/arithmetic.ts'
import { type CommandTime, timeCommand } from '../harness/command-time.ts'
import type { Row } from './bench.ts'

/** What a command costs beyond the start of Node itself. */
export const commands: Row = {
  name: 'commands',
  about: 'dhn --version and dhn list against node -e 0',
  async run({ cores, rounds, scratch, stops, tell }) {
    const node = new NodeUnderTest(stops)
    await node.start(cores.server)
    await node.deploy(writeEchoGar(scratch, 'Echo'))
    const measured = {
      nothing: { args: ['-e', '0'], times: [] as CommandTime[] },
      version: { args: [program, '--version'], times: [] as CommandTime[] },
      list: { args: [program, 'list', '--home', node.home], times: [] as CommandTime[] },
    }
    for (let round = 0; round < 3 * rounds; round += 1) {
      for (const each of Object.values(measured)) {
        each.times.push(await timeCommand(process.execPath, each.args, { cpu: cores.load }))
      }
    }
    tell(`${3 * rounds} rounds of commands`)
    await node.stop()
    const { nothing, version, list } = measured
    return {
      figures: [
        figure('dhn --version', version.times, nothing.times, 1.5),
        figure('dhn list', list.times, nothing.times, 3),
      ],
    }
  },
}

function figure(row: string, times: readonly CommandTime[], base: readonly CommandTime[], bar: number): Figure {
  const cpu = (of: readonly CommandTime[]): number[] => of.map((each) => each.cpu)
  const wall = (of: readonly CommandTime[]): number[] => of.map((each) => each.wall)
  return {
    row,
    what: 'processor time, against node -e 0',
    value: medianRatio(cpu(times), cpu(base)),
    unit: '×',
    bar,
    from: `${lowerQuartile(cpu(times)).toFixed(0)} against ${lowerQuartile(cpu(base)).toFixed(0)} ms; on the clock ${median(wall(times)).toFixed(0)} against ${median(wall(base)).toFixed(0)} ms`,
  }
}
