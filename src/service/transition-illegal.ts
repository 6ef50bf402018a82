import { DhnError } from './errors.ts'

/** A running instance can't go to that state from the one it is in. Nothing was changed. */
export class TransitionIllegal extends DhnError {
  readonly code = 'DHN_TRANSITION_ILLEGAL'
  constructor(
    readonly from: string,
    readonly to: string,
  ) {
    super(`a running instance that is ${from} can't become ${to}`, {
      next: 'Look at the states and the ways between them with `dhn ri lifecycle`.',
    })
  }
}
