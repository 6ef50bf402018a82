import type { HistoryView } from '../../container/views.ts'
import { command } from '../command.ts'
import type { Output } from '../output.ts'
import { table } from '../table.ts'

export const history = command({
  name: 'history',
  summary: 'List every version of a GAR ID that was deployed, good or bad, the newest first.',
  arguments: { '<gar-id>': 'the GAR ID; it need not be deployed any more' },
  examples: [{ command: 'dhn history org_diligentproject_samples_counter', does: 'what a rollback could go back to' }],
  async run({ garId }, _, { node, output }) {
    output.result(await node.history(garId), (versions) => historyText(versions, output))
    return 0
  },
})

function historyText(versions: HistoryView, output: Output): string {
  const { green, red } = output.colors
  return table(
    versions,
    [
      { title: '#', value: (each) => each.number, align: 'right' },
      { title: 'version', value: (each) => each.version },
      { title: 'live', value: (each) => (each.live ? 'live' : '') },
      {
        title: 'verdict',
        value: (each) => each.verdict,
        paint: (text, each) => (each.verdict === 'ready' ? green(text) : red(text)),
      },
      { title: 'mode', value: (each) => each.mode, drop: 2 },
      { title: 'at', value: (each) => each.at, drop: 1 },
      { title: 'digest', value: (each) => each.digest.slice(0, 12), drop: 3 },
      { title: 'operation', value: (each) => each.operation, drop: 5 },
      { title: 'cause', value: (each) => each.cause?.message ?? '', cut: 24, drop: 4 },
    ],
    output.width,
  )
}
