import { command } from '../command.ts'

export const riLifecycle = command({
  name: 'ri lifecycle',
  summary: 'Print the states of a running instance and what leads from one to another.',
  details: 'No node is needed: the states are the same everywhere. With --json it is the whole state chart.',
  examples: [
    { command: 'dhn ri lifecycle', does: 'a line for each transition' },
    { command: 'dhn ri lifecycle --json', does: 'the chart as data, to draw or to test against' },
  ],
  async run(_, __, { output }) {
    const { lifecycleChart } = await import('../../lifecycle/lifecycle-chart.ts')
    return 0
  },
})
