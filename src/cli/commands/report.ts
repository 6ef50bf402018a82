import type { DeploymentReport } from '../../container/views.ts'
import { command } from '../command.ts'
import { closedReport } from '../operation.ts'
import type { Output } from '../output.ts'
import { reportText } from '../report-text.ts'
import { table } from '../table.ts'

export const report = command({
  name: 'report',
  summary: 'Print the report of an operation, or list the operations that are kept.',
  details: 'With --wait it follows an operation that is still open to its end. Exits with 1 when the operation failed.',
  arguments: { '[operation]': "the operation's id, as the command that began it printed it" },
  examples: [
    { command: 'dhn report', does: 'list them, the newest first' },
    { command: 'dhn report 8f14e45f', does: 'one report' },
    { command: 'dhn report 8f14e45f --wait', does: 'follow it to its end' },
  ],
  async run({ operation }, _, context) {
    const { node, output } = context
    if (operation === undefined) {
      output.result(await node.operations(), (reports) => reportsText(reports, output))
      return 0
    }
    const kept = await node.operation(operation)
    const whole = kept.status === 'OPEN' && context.wait ? await closedReport(kept.id, context) : kept
    output.result(whole, reportText)
    return whole.outcome === 'failed' ? 1 : 0
  },
})

const reportsText = (reports: readonly DeploymentReport[], output: Output): string =>
  table(
    reports,
    [
      { title: 'operation', value: (each) => each.id },
      { title: 'type', value: (each) => each.type.toLowerCase() },
      { title: 'gar id', value: (each) => each.garId, cut: 24 },
      { title: 'outcome', value: (each) => each.outcome ?? 'going on' },
      { title: 'started', value: (each) => each.startedAt, drop: 1 },
      { title: 'cause', value: (each) => each.cause?.message ?? '', cut: 24, drop: 2 },
    ],
    output.width,
  )
