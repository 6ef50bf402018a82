import { type Figure, isMet, valueText } from '../figure.ts'
import type { SideBySide } from '../rows/bench.ts'
import { notYet } from '../rows/rows.ts'

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...lines.map(line)].join('\n')
}

/** Each figure beside its bar. */
export function figuresTable(figures: readonly Figure[]): string {
  const measured = figures.map((figure) => [
    `${figure.row}: ${figure.what}`,
    valueText(figure),
    figure.bar === undefined ? '' : `≤ ${valueText({ value: figure.bar, unit: figure.unit })}`,
    verdict(figure),
    figure.from ?? '',
  ])
  const waiting = notYet.map(({ what, bar, waitsFor }) => [what, '', `≤ ${bar} ×`, 'not yet', `waits for ${waitsFor}`])
  return markdownTable(['what', 'figure', 'bar', 'met', 'from'], [...measured, ...waiting])
}

/** Cheapest first. */
export function sideBySideTable({ servers, versions }: SideBySide): string {
  const sorted = [...servers].sort((one, other) => one.ratio - other.ratio)
  return markdownTable(
    [
      'server',
      'µs of processor time a call',
      'against bare',
      'calls/s a core',
      'calls/s median / best',
      'p50 / p99 ms',
      'failed',
      'version',
    ],
    sorted.map((server) => [
      server.name,
      server.cpuPerCall.toFixed(1),
      server.ratio.toFixed(2),
      grouped(1e6 / server.cpuPerCall),
      `${grouped(server.callsPerSecond.median)} / ${grouped(server.callsPerSecond.best)}`,
      `${(server.p50 / 1000).toFixed(1)} / ${(server.p99 / 1000).toFixed(1)}`,
      String(server.failed),
      versions[server.name] ?? '',
    ]),
  )
}

function verdict(figure: Figure): string {
  const met = isMet(figure)
  if (met === undefined) return ''
  if (met) return 'met'
  const over = figure.unit === '×' ? ` by ${(figure.value - (figure.bar ?? 0)).toFixed(2)}` : ''
  return `not met${over}`
}

const grouped = (number: number): string => Math.round(number).toLocaleString('en-US')
