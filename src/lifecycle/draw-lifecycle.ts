import { type ChartState, type ChartTransition, type LifecycleChart, lifecycleChart } from './chart.ts'

/** The lifecycle as a state diagram in Mermaid's language. */
export function drawLifecycle(chart: LifecycleChart = lifecycleChart()): string {
  return [
    'stateDiagram-v2',
    `  [*] --> ${id(chart.initial)}`,
    ...chart.states.flatMap((state) => drawState(state, '  ')),
    ...chart.states.flatMap((state) => drawTransitions(state)),
    '',
  ].join('\n')
}

function drawState(state: ChartState, indent: string): string[] {
  const label = [state.name.split('.').at(-1), state.does === undefined ? '' : `(${state.does})`].join(' ').trim()
  if (state.states.length === 0) return [`${indent}state "${label}" as ${id(state.name)}`]
  return [
    `${indent}state "${label}" as ${id(state.name)} {`,
    `${indent}  [*] --> ${id(state.initial as string)}`,
    ...state.states.flatMap((inner) => drawState(inner, `${indent}  `)),
    `${indent}}`,
  ]
}

/** One arrow for each pair of states, so that the drawing stays readable; staying where one is isn't drawn. */
function drawTransitions(state: ChartState): string[] {
  const arrows = new Map<string, string[]>()
  for (const transition of state.transitions) {
    if (transition.to === undefined) continue
    const labels = arrows.get(transition.to) ?? []
    arrows.set(transition.to, [...labels, labelOf(state, transition)])
  }
  return [
    ...[...arrows].map(([to, labels]) => `  ${id(state.name)} --> ${id(to)} : ${[...new Set(labels)].join(', ')}`),
    ...state.states.flatMap(drawTransitions),
    ...(state.final ? [`  ${id(state.name)} --> [*]`] : []),
  ]
}

function labelOf(state: ChartState, { on, name, condition }: ChartTransition): string {
  const words = {
    event: name,
    done: `${state.does} ok`,
    error: `${state.does} throws`,
    after: `after ${name}`,
    always: '',
  }[on]
  return [words, condition === undefined ? '' : `[${condition}]`].filter((word) => word !== '').join(' ') || 'otherwise'
}

const id = (name: string): string => name.replace('.', '_')
