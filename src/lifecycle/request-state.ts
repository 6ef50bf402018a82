import type { ErrorData } from '../service/errors.ts'
import { TransitionIllegal } from './lifecycle-errors.ts'
import type { LifecycleEvent } from './lifecycle-vocabulary.ts'
import type { LifecycleSnapshot, RunningInstance } from './running-instance.machine.ts'

/** The state's name as it is shown; nested states belong to the one they are in. */
export type LifecycleState =
  | 'deployed'
  | 'registered'
  | 'readying'
  | 'ready'
  | 'disabled'
  | 'failed'
  | 'stopping'
  | 'down'

export function stateOf({ value }: Pick<LifecycleSnapshot, 'value'>): LifecycleState {
  return typeof value === 'string' ? value : (Object.keys(value)[0] as LifecycleState)
}

export type StateRequest =
  | { readonly to: 'ready' | 'disabled'; readonly by: 'operator' | 'service' }
  | { readonly to: 'failed'; readonly cause: ErrorData }

/**
 * Asks for a state, as a service does with `setState` and an operator with `enable` and `disable`.
 *
 * The state it already is in is accepted and calls nothing. The change has begun when this returns; `settled` says when
 * it has ended.
 *
 * @throws {TransitionIllegal} the lifecycle has no such change; nothing has changed then
 */
export function requestState(instance: RunningInstance, request: StateRequest): void {
  checkRequest(instance, request)
  const event = asEvent(request)
  if (instance.getSnapshot().can(event)) instance.send(event)
}

/** @throws {TransitionIllegal} `requestState` would throw it now */
export function checkRequest(instance: RunningInstance, request: StateRequest): void {
  const snapshot = instance.getSnapshot()
  const from = stateOf(snapshot)
  if (!snapshot.can(asEvent(request)) && from !== request.to) throw new TransitionIllegal(from, request.to)
}

function asEvent(request: StateRequest): LifecycleEvent {
  if (request.to === 'failed') return { type: 'fail', cause: request.cause }
  return { type: request.to === 'ready' ? 'enable' : 'disable', by: request.by }
}
