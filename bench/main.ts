import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median } from './harness/arithmetic.ts'
import { CannotHave, installDebian } from './harness/install.ts'
import type { LoadGenerator } from './harness/load.ts'
import { chooseCores, describeMachine, isThere, stayOn } from './harness/machine.ts'
import { nodeLoad } from './harness/node-load.ts'
import { Stops } from './harness/stops.ts'
import { wrk } from './harness/wrk.ts'
import { updatePage } from './report/page.ts'
import type { Results } from './report/results.ts'
import { figuresTable, sideBySideTable } from './report/tables.ts'
import type { Bench, RowResult } from './rows/bench.ts'
import { rows } from './rows/rows.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const usage = `npm run bench -- [options]
  --only <row>     only this row, may be repeated: ${rows.map(({ name }) => name).join(' ')}
  --rounds <n>     rounds of slices (20)
  --quick          2 rounds and small sizes, to see that it works
  --no-peers       dhn and the bare server only
  --json <file>    write what was found
  --page           write it into docs/performance.md
  --load <which>   wrk, or node where there is none`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'no-peers': { type: 'boolean', default: false },
      json: { type: 'string' },
      page: { type: 'boolean', default: false },
      load: { type: 'string', default: 'wrk' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const unknown = values.only.filter((name) => !rows.some((row) => row.name === name))
  if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}\n${usage}`)
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 20))
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a number above 0')

  const stops = new Stops()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => void stops.all().finally(() => process.exit(1)))
  }
  const machine = describeMachine()
  const cores = chooseCores()
  stayOn(cores.load)
  const scratch = mkdtempSync(join(tmpdir(), 'dhn-bench-'))
  stops.add(() => rmSync(scratch, { recursive: true, force: true }))
  const bench: Bench = {
    cores,
    generator: generatorOf(values.load),
    stops,
    rounds,
    quick: values.quick,
    peers: !values['no-peers'],
    scratch,
    peersFolder: join(root, 'bench', '.peers'),
    tell,
  }
  const startedAt = new Date().toISOString()
  const found: RowResult[] = []
  const failures: { row: string; why: string }[] = []
  try {
    for (const row of rows.filter(({ name }) => values.only.length === 0 || values.only.includes(name))) {
      tell(`== ${row.name}: ${row.about}`)
      try {
        found.push(await row.run(bench))
      } catch (error) {
        failures.push({ row: row.about, why: (error as Error).message })
        tell(`not measured: ${(error as Error).message}`)
      }
    }
  } finally {
    await stops.all()
  }
  const sideBySide = found.flatMap(({ visited }) => visited ?? [])
  const results: Results = {
    startedAt,
    dhn: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    machine,
    generator: bench.generator.name,
    rounds,
    quick: values.quick,
    ...(sideBySide.length === 0
      ? {}
      : { foreign: median(sideBySide.flatMap(({ servers }) => servers.map(({ foreign }) => foreign))) }),
    figures: found.flatMap(({ figures }) => figures),
    sideBySide,
    failures,
  }
  for (const each of sideBySide) console.log(`\n${each.title}\n\n${sideBySideTable(each)}`)
  console.log(`\n${figuresTable(results.figures)}`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  if (values.page) updatePage(join(root, 'docs', 'performance.md'), results)
  return failures.length === 0 ? 0 : 1
}

function generatorOf(name: string): LoadGenerator {
  if (name === 'node') return nodeLoad
  if (name !== 'wrk') throw new Error(`--load takes wrk or node, not ${name}`)
  if (isThere('wrk')) return wrk
  try {
    installDebian(['wrk'], tell)
    return wrk
  } catch (error) {
    if (!(error instanceof CannotHave)) throw error
    tell(`no wrk (${error.message}): a client of node:http calls, and calls per second say little`)
    return nodeLoad
  }
}

/** The story goes to stderr; stdout has the tables. */
function tell(line: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`)
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(String((error as Error).message ?? error))
    process.exit(2)
  },
)
