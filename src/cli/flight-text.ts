import type { FlightRecord } from '../container/views.ts'
import { type Column, table } from './table.ts'
import { duration, facts, indent, logLine, size } from './text.ts'

type Figures = FlightRecord['figures'][number]

/** What a flight recorder holds, for people. */
export function flightText({ garId, at, cause, states, calls, figures, lastLines }: FlightRecord): string {
  return [
    facts([
      ['GAR ID', garId],
      ['recorded', at],
      ['cause', cause && `${cause.message} [${cause.code}]`],
      ['next', cause?.next],
    ]),
    section('states', statesText(states)),
    section('calls', callsText(calls)),
    section('resources', figuresText(figures)),
    section('the last lines it wrote', lastLines.map((line) => `| ${logLine(line)}`).join('\n')),
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const section = (title: string, body: string): string => (body === '' ? '' : `\n${title}\n${indent(body)}`)

const statesText = (states: FlightRecord['states']): string =>
  rows(states, [
    { title: 'at', value: (each) => each.at },
    { title: 'from', value: (each) => each.from },
    { title: 'to', value: (each) => each.to },
    { title: 'version', value: (each) => each.digest.slice(0, 12) },
    { title: 'cause', value: (each) => each.cause?.message },
  ])

const callsText = (calls: FlightRecord['calls']): string =>
  rows(calls, [
    { title: 'at', value: (each) => each.at },
    { title: 'service', value: (each) => each.service },
    { title: 'method', value: (each) => each.method },
    { title: 'took', value: ({ durationMs }) => (durationMs === undefined ? 'under way' : duration(durationMs)) },
    { title: 'status', value: (each) => each.status },
  ])

const figuresText = (figures: FlightRecord['figures']): string =>
  rows(
    figures.map((each, index) => ({ ...each, share: shareSince(before(figures, index), each) })),
    [
      { title: 'at', value: (each) => each.at },
      { title: 'process', value: (each) => each.pid },
      { title: 'memory', value: (each) => size(each.rssBytes) },
      { title: 'processor', value: (each) => each.share },
      { title: 'calls inside', value: (each) => each.inside },
    ],
  )

/** The look at the same process before that one. */
const before = (figures: readonly Figures[], index: number): Figures | undefined =>
  figures.slice(0, index).findLast(({ pid }) => pid === figures[index]?.pid)

/** Processor time since the look before, of one processor. */
function shareSince(before: Figures | undefined, now: Figures): string | undefined {
  if (before === undefined) return undefined
  const time = Date.parse(now.at) - Date.parse(before.at)
  return time > 0 ? `${Math.round((100 * (now.cpuMs - before.cpuMs)) / time)} %` : undefined
}

const rows = <Row>(of: readonly Row[], columns: readonly Column<Row>[]): string =>
  of.length === 0 ? '' : table(of, columns, Number.POSITIVE_INFINITY)
