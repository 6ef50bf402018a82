import type { FaultFigures, Figures } from '../figures.ts'
import type { Homes } from '../harness/homes.ts'
import type { Built } from '../harness/program.ts'
import { Random } from '../harness/random.ts'
import type { Gar } from '../harness/services.ts'
import { type Fault, faults, type Mode, modes } from '../harness/strike.ts'
import { BundleUnderFaults } from './bundle-under-faults.ts'
import { HomeUnderFaults, type NodeCommand, nodeCommands } from './home-under-faults.ts'
import { LogsUnderFaults } from './logs-under-faults.ts'
import type { UnderFaults } from './under-faults.ts'

export interface FaultRun {
  readonly homes: Homes
  readonly gars: readonly Gar[]
  readonly built: Built
  readonly seed: number
  readonly figures: Figures
  readonly commands: readonly string[]
  /** 1 tries every call; more leaves out some, others with each seed. */
  readonly stride: number
  readonly atOnce: number
  /** No further fault is tried then, ms since the epoch. */
  readonly until: number
  readonly tell: (line: string) => void
  readonly save: () => void
}

type Command = NodeCommand | 'support-bundle' | 'writing logs'
export const commands: readonly Command[] = [...nodeCommands, 'support-bundle', 'writing logs']

interface Series {
  readonly command: Command
  readonly fault: Fault
  readonly mode: Mode
}

/**
 * Gives each command with a fault at its 1st, 2nd, 3rd… file-system call, until it no longer meets one: first one fault
 * each time, then all calls from the Nth on.
 */
export async function tryFaults(run: FaultRun): Promise<void> {
  const random = new Random(run.seed)
  const waiting = commands
    .filter((command) => run.commands.includes(command))
    .flatMap((command) => faults.flatMap((fault) => modes.map((mode): Series => ({ command, fault, mode }))))
    .filter((one) => !run.figures.faults[nameOf(one)]?.complete)
    .map((series) => ({ series, order: random.next(), first: random.whole(1, run.stride) }))
    .sort((one, other) => modes.indexOf(one.series.mode) - modes.indexOf(other.series.mode) || one.order - other.order)
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && Date.now() < run.until; next = waiting.shift()) {
      await trySeries(run, next.series, next.first)
    }
  }
  await Promise.all(Array.from({ length: run.atOnce }, one))
}

async function trySeries(run: FaultRun, series: Series, first: number): Promise<void> {
  const { homes, figures, stride, until, tell, save } = run
  const { command, fault, mode } = series
  const name = nameOf(series)
  const none = { next: first, last: 0, missed: 0, complete: false, struck: 0, refused: 0, done: 0, ended: 0 }
  const found: FaultFigures = { ...none, ...figures.faults[name] }
  figures.faults[name] = found
  while (!found.complete && Date.now() < until) {
    const home = command === 'support-bundle' || command === 'writing logs' ? homes.place() : homes.next()
    const under = underFaults(run, command, home)
    await under.begin()
    while (!found.complete && under.wrong.length === 0 && Date.now() < until) {
      await under.try({ fault, nth: found.next, mode }, found)
      if (found.missed === 0) found.next += stride
      save()
    }
    await under.end()
    for (const what of under.wrong) {
      figures.violations.push(what)
      tell(`VIOLATION ${what}`)
    }
    save()
    if (under.wrong.length === 0) homes.remove(home)
  }
  const told = `${found.struck} faults, ${found.refused} refused, ${found.done} done in spite of it`
  tell(`${name}: ${told}${found.complete ? '' : ', to be continued'}`)
}

function underFaults({ built, gars }: FaultRun, command: Command, folder: string): UnderFaults {
  if (command === 'support-bundle') return new BundleUnderFaults(folder, built)
  if (command === 'writing logs') return new LogsUnderFaults(folder, built)
  return new HomeUnderFaults(folder, built, gars, command)
}

/** Under which the figures of a series are kept. */
export const nameOf = ({ command, fault, mode }: Omit<Series, 'command'> & { readonly command: string }): string =>
  `${command} / ${fault} / ${mode}`
