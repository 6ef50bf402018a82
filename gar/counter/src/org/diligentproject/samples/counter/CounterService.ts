import { gCubeStartupManager, NAL, RequestHandler, S_ERROR, S_OK } from 'dhn/service'
import { CounterState } from './CounterState.ts'

const state = new CounterState()

/** Counts. Its value outlives a restart, an upgrade and the node. */
export class CounterService extends RequestHandler {
  static {
    gCubeStartupManager.registerRI('Samples', 'Counter', state)
  }

  auth_value = ['all']
  export_value() {
    return S_OK(state.value)
  }

  /** Adds so many steps, one when none is said, and answers the new value. */
  auth_add = ['all']
  export_add(steps: unknown = 1) {
    if (typeof steps !== 'number' || !Number.isSafeInteger(steps)) return S_ERROR('add takes a whole number')
    state.value += steps * state.step
    return S_OK(state.value)
  }

  auth_reset = ['all']
  export_reset() {
    state.value = state.start
    return S_OK(state.value)
  }

  /** An example of a service that changes its own state: no more calls come in until an operator enables it. */
  auth_close = ['all']
  async export_close() {
    await NAL.setState('disabled', 'closed by a caller')
    return S_OK()
  }
}
