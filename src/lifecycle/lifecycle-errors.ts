import { DhnError } from '../service/errors.ts'

// A service meets it too, so it belongs to the SDK.
export { TransitionIllegal } from '../service/transition-illegal.ts'

/** A step of the lifecycle that has a time limit of its own. */
export type LimitedStep = 'start' | 'ready()' | 'redeployed()' | 'disabled()'

/** A step took longer than it may. */
export class StepTooLong extends DhnError {
  readonly code = 'DHN_STEP_TOO_LONG'
  constructor(
    readonly step: LimitedStep,
    readonly limit: number,
  ) {
    super(`${step} took longer than ${limit} ms`, {
      next: 'see the log of the running instance; the limits are in etc/dhn.cfg, section /DHN/Limits',
    })
  }
}

/** What the instance waits for before `ready()` didn't come in time. */
export class GatesClosed extends DhnError {
  readonly code = 'DHN_GATES_CLOSED'
  constructor(
    readonly waitsFor: readonly string[],
    readonly limit: number,
  ) {
    super(`${waitsFor.length === 0 ? 'a gate' : waitsFor.join(', ')} did not come within ${limit} ms`, {
      next: 'provide what it waits for, then restart it',
    })
  }
}
