import { failpoints } from '../../src/store/failpoint.ts'
import { commands, nameOf } from './faults/faults.ts'
import { type Figures, killsOf } from './figures.ts'
import { type Fault, faults, type Mode, modes } from './harness/strike.ts'
import { placeOf } from './kills/plan.ts'

/** Everything that was found, as tables for a page. */
export function tables(figures: Figures): string {
  const parts = [summary(figures), kills(figures), ...modes.map((mode) => faultsTable(figures, mode))]
  return parts.filter((part) => part !== '').join('\n\n')
}

function summary(figures: Figures): string {
  const { recovered, returns, calls, violations, operations } = figures
  const operationsDone = Object.values(operations).reduce((sum, count) => sum + count, 0)
  const faultsMet = Object.values(figures.faults).reduce((sum, { struck }) => sum + struck, 0)
  return table(
    ['what', 'figure'],
    [
      ['kills', grouped(killsOf(figures))],
      ['faults', grouped(faultsMet)],
      ['violations', String(violations.length)],
      ['operations asked of the nodes that were killed', grouped(operationsDone)],
      ['calls that were answered meanwhile', grouped(calls)],
      ...Object.entries(recovered).map(([services, times]) => [
        `recovery of a node with ${services} services: p50 / p95 / max, ms`,
        spread(times),
      ]),
      ['an instance answers again: p50 / p95 / max, ms', spread(returns)],
    ],
  )
}

function kills(figures: Figures): string {
  if (killsOf(figures) === 0) return ''
  const named = new Set<string>(failpoints.map(placeOf))
  const atFailpoints = Object.entries(figures.kills).filter(([place]) => named.has(place))
  const elsewhere = Object.entries(figures.kills).filter(([place]) => !named.has(place))
  const sum = atFailpoints.reduce((all, [, count]) => all + count, 0)
  const missed = failpoints.filter((name) => figures.kills[placeOf(name)] === undefined)
  const least = Math.min(...atFailpoints.map(([, count]) => count))
  const rows = [
    [`node, at ${atFailpoints.length} named failpoints, each ${least} times or more`, grouped(sum)],
    ...elsewhere.sort().map(([place, count]) => [places[place] ?? place, grouped(count)]),
    ...(missed.length === 0 ? [] : [[`failpoints not reached yet: ${missed.join(', ')}`, '0']]),
  ]
  return table(['killed', 'kills'], rows)
}

const places: Readonly<Record<string, string>> = {
  'file call': 'node, before the Nth file-system call of an operation',
  'file call of the start': 'node, before the Nth file-system call of its start',
  moment: 'node, at a random moment of an operation',
  'moment of the start': 'node, at a random moment of its start',
  'moment of the stop': 'node, at a random moment of its stop',
  instance: 'process of a running instance',
  front: 'front process',
  keeper: 'process that keeps the logs',
  guard: 'process that guards the instances',
}

/** A line for each command: how many calls failed one after the other, and what came of it. */
function faultsTable({ faults: tried }: Figures, mode: Mode): string {
  const cell = (command: string, fault: Fault): string => {
    const found = tried[nameOf({ command, fault, mode })]
    if (found === undefined) return '…'
    const { last, refused, done, ended, complete } = found
    const cameOf = ended === 0 ? `${refused} / ${done}` : `${refused} / ${done} / ${ended}`
    return `${last === 0 ? '' : `${last}: ${cameOf}`}${complete ? '' : ' …'}`.trim()
  }
  const begun = commands.filter((command) => faults.some((fault) => tried[nameOf({ command, fault, mode })]))
  if (begun.length === 0) return ''
  const rows = begun.map((command) => [command, ...faults.map((fault) => cell(command, fault))])
  return table([`${failing[mode]}: N: refused / done`, ...faults], rows)
}

const failing: Readonly<Record<Mode, string>> = { once: 'the Nth call fails', 'from then on': 'all from the Nth on' }

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (part: number): number | undefined => sorted[Math.floor((sorted.length - 1) * part)]
  return sorted.length === 0 ? '' : [at(0.5), at(0.95), at(1)].map((ms) => grouped(ms as number)).join(' / ')
}

const grouped = (number: number): string => number.toLocaleString('en-US')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
