import { stateOf } from '../lifecycle/request-state.ts'
import type { LifecycleSnapshot } from '../lifecycle/running-instance.machine.ts'
import { type Reply, refuse } from './reply.ts'

/** What a caller is told while the instance is in a state that lets nobody in, and when to try again (seconds). */
export function refusalIn(snapshot: LifecycleSnapshot): Reply {
  const { nextAttemptAt, waitsFor } = snapshot.context
  switch (stateOf(snapshot)) {
    case 'disabled':
      return refuse('DHN_DISABLED', 'the service is disabled', 30)
    case 'failed': {
      const seconds = nextAttemptAt === undefined ? 60 : Math.ceil((nextAttemptAt - Date.now()) / 1000)
      return refuse('DHN_FAILED', 'the service has failed', Math.max(1, seconds))
    }
    case 'stopping':
    case 'down':
      return refuse('DHN_STOPPING', 'the service is being stopped', 10)
    case 'registered':
      return refuse('DHN_NOT_READY_YET', `the service is not ready yet: it waits for ${listed(waitsFor)}`, 2)
    default:
      return refuse('DHN_NOT_READY_YET', 'the service is not ready yet', 1)
  }
}

const listed = (waitsFor: readonly string[]): string => (waitsFor.length === 0 ? 'its gates' : waitsFor.join(', '))
