import type { InstanceRecord } from '../store/records.ts'
import type { Incarnation } from './incarnation.ts'

/** The record of one whose end nobody saw. */
export function endOf(last: InstanceRecord | undefined): InstanceRecord | undefined {
  return last && { ...last, state: 'down', since: new Date().toISOString() }
}

/** The life of a running instance as it is kept. */
export function instanceRecordOf(incarnation: Incarnation): InstanceRecord {
  const { named, life, spec } = incarnation
  return {
    garId: incarnation.garId,
    id: spec.place.riId,
    ...(named === undefined ? {} : { serviceClass: named.serviceClass, serviceName: named.serviceName }),
    state: incarnation.state,
    since: new Date(life.since).toISOString(),
    ...(life.cause === undefined ? {} : { cause: life.cause }),
  }
}
