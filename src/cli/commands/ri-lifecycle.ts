import type { ChartState, ChartTransition, LifecycleChart } from '../../lifecycle/chart.ts'
import { command } from '../command.ts'
import { table } from '../table.ts'

export const riLifecycle = command({
  name: 'ri lifecycle',
  summary: 'Print the states of a running instance and what leads from one to another.',
  details: 'No node is needed: the states are the same everywhere. With --json it is the whole state chart.',
  examples: [
    { command: 'dhn ri lifecycle', does: 'a line for each transition' },
    { command: 'dhn ri lifecycle --json', does: 'the chart as data, to draw or to test against' },
  ],
  async run(_, __, { output }) {
    const { lifecycleChart } = await import('../../lifecycle/chart.ts')
    output.result(lifecycleChart(), (chart) => chartText(chart, output.width))
    return 0
  },
})

const chartText = ({ states }: LifecycleChart, width: number): string =>
  table(
    states.flatMap(rowsOf),
    [
      { title: 'in', value: ({ state }) => state.name },
      { title: 'work', value: ({ state }) => state.does ?? '' },
      { title: 'when', value: ({ transition }) => transition && when(transition) },
      { title: 'and', value: ({ transition }) => transition?.condition ?? '', drop: 1 },
      { title: 'goes to', value: ({ transition }) => transition && (transition.to ?? '(stays)') },
    ],
    width,
  )

interface Row {
  readonly state: ChartState
  readonly transition: ChartTransition | undefined
}

/** A state's own ways out, then those of the states inside it; a state without any has a row all the same. */
function rowsOf(state: ChartState): readonly Row[] {
  const { transitions, states } = state
  const own = transitions.length === 0 && states.length === 0 ? [undefined] : transitions
  return [...own.map((transition) => ({ state, transition })), ...states.flatMap(rowsOf)]
}

const when = ({ on, name }: ChartTransition): string =>
  ({
    event: name ?? '',
    done: 'its work is done',
    error: 'its work fails',
    after: `${name} is over`,
    always: 'at once',
  })[on]
