import type { LoadReport, ReportedSecond } from './load-report.ts'

/** A line for what goes on right now. */
export function secondText({ second, connections, calls, errors, mean, p95, server }: ReportedSecond): string {
  const parts = [
    `${second + 1} s`,
    `${connections} connections`,
    `${calls} calls/s`,
    `mean ${ms(mean)}`,
    `95 % in ${ms(p95)}`,
    ...(errors > 0 ? [`${errors} errors`] : []),
    ...(server === undefined ? [] : [`server ${server.cpuPercent.toFixed(0)} % CPU, ${megabytes(server.memoryBytes)}`]),
  ]
  return parts.join(' · ')
}

/** What was measured, for people. */
export function reportText({ address, method, load, total, server }: LoadReport): string {
  const { connections, processes, ramp } = load
  const kinds = Object.entries(total.errorKinds).map(([kind, count]) => `${kind} ${count} times`)
  const lines: [string, string][] = [
    ['called', `${method} of ${address}`],
    ['load', `${connections} connections of ${processes} ${processes === 1 ? 'process' : 'processes'}`],
    ['counted', `${total.seconds} s${ramp > 0 ? `, after a ramp of ${ramp} s` : ''}`],
    ['calls', `${total.calls}, ${total.callsPerSecond.toFixed(1)} a second`],
    ['errors', kinds.length === 0 ? 'none' : `${total.errors}; in the whole time ${kinds.join(', ')}`],
    ['mean', ms(total.mean)],
    ['50 / 90 / 95 / 99 %', [total.p50, total.p90, total.p95, total.p99].map(ms).join(' / ')],
    ['longest', ms(total.max)],
  ]
  if (server !== undefined) {
    const { cpuPerCall, cpuPercent, memoryAtFirst, memoryAtLast } = server
    const each = cpuPerCall === null ? '' : `, ${cpuPerCall.toFixed(0)} µs a call`
    lines.push(['server CPU', `${cpuPercent.toFixed(0)} % of a processor${each}`])
    lines.push(['server memory', `${megabytes(memoryAtFirst)} at first, ${megabytes(memoryAtLast)} at last`])
  }
  return lines.map(([name, value]) => `${name.padEnd(20)}${value}`).join('\n')
}

const ms = (value: number | null): string => (value === null ? '-' : `${value.toPrecision(3)} ms`)
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`
