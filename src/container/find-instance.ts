import { DhnError } from '../service/errors.ts'
import type { InstanceView } from './views.ts'

export class InstanceUnknown extends DhnError {
  readonly code = 'DHN_INSTANCE_UNKNOWN'
  constructor(readonly instance: string) {
    super(`there is no running instance ${instance}`, { next: 'see those there are: dhn ri list --all' })
  }
}

export class InstanceAmbiguous extends DhnError {
  readonly code = 'DHN_INSTANCE_AMBIGUOUS'
  constructor(
    readonly instance: string,
    readonly candidates: readonly string[],
  ) {
    super(`${instance} is the beginning of several ids: ${candidates.join(', ')}`, { next: 'write more of the id' })
  }
}

/**
 * The running instance that is meant: by GAR ID, `Class/Name`, UUID or a unique beginning of a UUID, in this order.
 * What is deployed comes before what was.
 *
 * @throws {InstanceUnknown | InstanceAmbiguous}
 */
export function findInstance(instances: readonly InstanceView[], name: string): InstanceView {
  const sorted = [...instances].sort((one, other) => Number(other.deployed) - Number(one.deployed))
  const exact =
    sorted.find(({ garId }) => garId === name) ??
    sorted.find(({ serviceClass, serviceName }) => `${serviceClass}/${serviceName}` === name) ??
    sorted.find(({ id }) => id === name)
  if (exact !== undefined) return exact
  const found = name === '' ? [] : sorted.filter(({ id }) => id.startsWith(name.toLowerCase()))
  if (found.length > 1) {
    throw new InstanceAmbiguous(
      name,
      found.map(({ id }) => id),
    )
  }
  if (found[0] === undefined) throw new InstanceUnknown(name)
  return found[0]
}
