import type { StateNode } from 'xstate'
import { runningInstance } from './running-instance.machine.ts'

/** The lifecycle as data: what `dhn ri lifecycle --json` prints and the drawings are made from. */
export interface LifecycleChart {
  readonly initial: string
  readonly states: readonly ChartState[]
  /** What is taken in every state that doesn't say otherwise, but the final one. */
  readonly transitions: readonly ChartTransition[]
}

export interface ChartState {
  /** Such as `ready`, or `failed.waiting` for a state inside another. */
  readonly name: string
  /** `serving`: calls are let in; `settled`: nothing more happens by itself, but for a restart. */
  readonly tags: readonly string[]
  readonly final: boolean
  /** The work that is begun in it. */
  readonly does?: string
  /** The state inside it that it begins in. */
  readonly initial?: string
  readonly states: readonly ChartState[]
  readonly transitions: readonly ChartTransition[]
}

export interface ChartTransition {
  /**
   * `event`: it is told so; `done` and `error`: how its work ended; `after`: a time limit, or a time to wait, is over;
   * `always`: at once, when the condition holds.
   */
  readonly on: 'event' | 'done' | 'error' | 'after' | 'always'
  /** The event's name, the work's, or the time limit's. */
  readonly name?: string
  /** It is taken when this holds; of several the first. */
  readonly condition?: string
  /** Absent when the state stays as it is. */
  readonly to?: string
}

export function lifecycleChart(): LifecycleChart {
  const { root } = runningInstance
  const { initial = '', states, transitions } = stateOf(root)
  return { initial, states, transitions }
}

// biome-ignore lint/suspicious/noExplicitAny: any machine's node will do, its types say nothing that is read here
type Node = StateNode<any, any>

function stateOf(node: Node): ChartState {
  const does = node.invoke[0]?.src
  return {
    name: nameOf(node),
    tags: node.tags,
    final: node.type === 'final',
    ...(typeof does === 'string' ? { does } : {}),
    ...(node.type === 'compound' ? { initial: nameOf(first(node)) } : {}),
    states: Object.values(node.states).map(stateOf),
    transitions: [...node.transitions.values(), node.always ?? []].flat().map((transition) => ({
      ...triggerOf(transition.eventType),
      ...(typeof transition.guard === 'string' ? { condition: transition.guard } : {}),
      ...(transition.target?.[0] === undefined ? {} : { to: nameOf(transition.target[0]) }),
    })),
  }
}

/** From xstate's own names: `xstate.done.actor.0.instance.deployed`, `xstate.after.start.instance.deployed`. */
function triggerOf(event: string): Pick<ChartTransition, 'on' | 'name'> {
  if (event === '') return { on: 'always' }
  const [, kind, ...rest] = event.split('.')
  if (!event.startsWith('xstate.')) return { on: 'event', name: event }
  if (kind === 'after') return { on: 'after', name: rest[0] as string }
  return { on: kind === 'done' ? 'done' : 'error' }
}

const first = (node: Node): Node => node.initial.target[0] as Node

const nameOf = (node: Node): string => node.path.join('.')
