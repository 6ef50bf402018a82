import { DhnError } from './errors.ts'

/** The lifecycle has no such change of state; nothing has changed. */
export class TransitionIllegal extends DhnError {
  readonly code = 'DHN_TRANSITION_ILLEGAL'
  constructor(
    readonly from: string,
    readonly to: string,
  ) {
    super(`a running instance that is ${from} can't become ${to} by asking`, {
      next: from === 'failed' ? 'restart it' : 'see docs/lifecycle.md for what can be asked for in each state',
    })
  }
}
