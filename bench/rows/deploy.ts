import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeLargeGar } from '../dhn/bench-services.ts'
import { NodeUnderTest, program } from '../dhn/node-under-test.ts'
import { median, medianRatio } from '../harness/arithmetic.ts'
import { type CommandTime, timeCommand } from '../harness/command-time.ts'
import { cpuNanosecondsOfAll, processTree } from '../harness/processes.ts'
import type { Bench, Row } from './bench.ts'

const fileSize = 25_600

/**
 * From the command to the ready instance, against unpacking the same archive and bringing it to the disk.
 *
 * Nothing is removed between the two: a file system may take many times as long to make files where others were removed
 * a moment ago (ext4 without a journal does).
 */
export const deployOfManyFiles: Row = {
  name: 'deploy',
  about: 'a 2,000-file archive against tar x and sync',
  async run(bench) {
    const files = bench.quick ? 200 : 2000
    const node = new NodeUnderTest(bench.stops)
    await node.start(bench.cores.any)
    const deploys: CommandTime[] = []
    const unpacks: CommandTime[] = []
    const frontCpu: number[] = []
    for (let round = 0; round < Math.min(bench.rounds, 7); round += 1) {
      const archive = writeLargeGar(bench.scratch, `Large${round}`, round, files, fileSize)
      const steps = [
        async () => {
          unpacks.push(await unpack(bench, archive, join(bench.scratch, `unpacked-${round}`)))
        },
        async () => {
          await timeCommand('sync', [], { cpu: bench.cores.any })
          const before = cpuNanosecondsOfAll(processTree(node.pid))
          const command = [program, 'deploy', archive, '--nosec', '--home', node.home]
          deploys.push(await timeCommand(process.execPath, command, { cpu: bench.cores.any }))
          frontCpu.push((cpuNanosecondsOfAll(processTree(node.pid)) - before) / 1e6)
        },
      ]
      for (const step of round % 2 === 0 ? steps : steps.reverse()) await step()
      bench.tell(`deploy ${round + 1}`)
    }
    await node.stop()
    const walls = { deploy: deploys.map(({ wall }) => wall), unpack: unpacks.map(({ wall }) => wall) }
    const cpus = {
      deploy: deploys.map(({ cpu }, round) => cpu + (frontCpu[round] ?? 0)),
      unpack: unpacks.map(({ cpu }) => cpu),
    }
    const row = `deploy of a ${files}-file archive`
    const against = (one: readonly number[], other: readonly number[]): string =>
      `${median(one).toFixed(0)} against ${median(other).toFixed(0)} ms`
    return {
      figures: [
        {
          row,
          what: 'time until ready, against tar x and sync',
          value: medianRatio(walls.deploy, walls.unpack),
          unit: '×',
          bar: 1.5,
          from: against(walls.deploy, walls.unpack),
        },
        {
          row,
          what: 'processor time, against the same',
          value: medianRatio(cpus.deploy, cpus.unpack),
          unit: '×',
          from: against(cpus.deploy, cpus.unpack),
        },
      ],
    }
  },
}

/** Timed with the file system's caches written out before, as for a deploy. */
async function unpack({ cores }: Bench, archive: string, target: string): Promise<CommandTime> {
  const cpu = { cpu: cores.any }
  mkdirSync(target)
  await timeCommand('sync', [], cpu)
  return await timeCommand('sh', ['-c', `tar -xzf "$1" -C "$2" && sync -f "$2"`, 'sh', archive, target], cpu)
}
