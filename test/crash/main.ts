import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { commands, tryFaults } from './faults/faults.ts'
import { type Figures, loadFigures, saveFigures } from './figures.ts'
import { Homes } from './harness/homes.ts'
import { bundleProgram } from './harness/program.ts'
import { makeNeighbours, makeServices } from './harness/services.ts'
import { buildStrike } from './harness/strike.ts'
import { killAgainAndAgain } from './kills/kills.ts'
import { tables } from './table.ts'

/**
 * `npm run test:crash`: nodes, and what they have started, are killed again and again, and the file-system calls of nodes
 * fail one after the other; what must hold is looked at each time. docs/testing.md tells what and how.
 */

const usage = `npm run test:crash -- [options]
  --kills <n>       until there are so many kills in the figures (1000)
  --minutes <n>     no longer than this: half of it for kills, half for faults (60)
  --only <which>    kills or faults, and all the time for it
  --command <what>  faults of this alone, may be repeated: ${commands.join(', ')}
  --stride <n>      1: a fault at every file-system call; more leaves out some, others with each seed (1)
  --homes <n>       so many nodes at a time (2)
  --services <n>    so many services in each home whose node is killed: the four, and others beside them (4)
  --fronts <n>      every third node that is killed has so many fronts (1)
  --seed <n>        what is chosen at random is chosen again
  --figures <file>  go on with what an earlier run has found (.crash-figures.json)
  --fresh           begin anew`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '60' },
    only: { type: 'string' },
    command: { type: 'string', multiple: true, default: [...commands] },
    stride: { type: 'string', default: '1' },
    homes: { type: 'string', default: '2' },
    services: { type: 'string', default: '4' },
    fronts: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    figures: { type: 'string', default: fileURLToPath(new URL('../../.crash-figures.json', import.meta.url)) },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else process.exitCode = await run()
process.exit()

async function run(): Promise<number> {
  // What was started ends with this process, whoever ends it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  if (values.fresh) rmSync(values.figures, { force: true })
  const figures = loadFigures(values.figures)
  const before = figures.violations.length
  const folder = mkdtempSync(join(tmpdir(), 'dhn-crash-'))
  const program = await bundleProgram()
  process.once('exit', () => rmSync(program, { force: true }))
  tell(`seed ${values.seed}`)
  await killAndFail(folder, program, figures)
  console.log(tables(figures))
  const found = figures.violations.length - before
  if (found === 0) rmSync(folder, { recursive: true, force: true })
  else tell(`${found} violations; the homes are in ${folder}`)
  return found === 0 ? 0 : 1
}

async function killAndFail(folder: string, program: string, figures: Figures): Promise<void> {
  const begun = Date.now()
  const ms = Number(values.minutes) * 60_000
  const common = {
    figures,
    seed: Number(values.seed),
    atOnce: Number(values.homes),
    built: { program, library: buildStrike(folder) },
    tell,
    save: () => saveFigures(values.figures, figures),
  }
  figures.seeds.push(common.seed)
  if (values.only !== 'faults') {
    const gars = makeServices(join(folder, 'archives'), 'half')
    for (const gar of gars) for (const bad of [false, false, false, false, true]) gar.another(bad)
    const neighbours = makeNeighbours(join(folder, 'archives'), Math.max(0, Number(values.services) - gars.length))
    const homes = await Homes.make(join(folder, 'kills'), gars, Number(values.fronts))
    const until = begun + (values.only === 'kills' ? ms : ms / 2)
    await killAgainAndAgain({ ...common, gars, neighbours, homes, until, kills: Number(values.kills) })
  }
  if (values.only !== 'kills') {
    const gars = makeServices(join(folder, 'archives-of-faults'), 'all')
    const homes = await Homes.make(join(folder, 'faults'), gars)
    await tryFaults({
      ...common,
      gars,
      homes,
      until: begun + ms,
      stride: Number(values.stride),
      commands: values.command,
    })
  }
  figures.seconds += Math.round((Date.now() - begun) / 1000)
  common.save()
}

/** The story goes to stderr; stdout has the tables. */
function tell(line: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`)
}
