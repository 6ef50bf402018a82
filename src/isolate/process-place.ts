import { Guard } from './guard/guard.ts'
import { HostedPlace } from './hosted-place.ts'
import { InstanceProcess } from './instance-process.ts'
import type { MakePlace } from './place.ts'

/** One for each entry, which is one for a node. */
const guards = new Map<string, Guard>()

export function guardOf(runtimeFile: string): Guard {
  const guard = guards.get(runtimeFile) ?? new Guard(runtimeFile)
  guards.set(runtimeFile, guard)
  return guard
}

/** Places that are child processes of the node; `runtimeFile` is the compiled entry of the instance side. */
export function makeProcessPlace(runtimeFile: string): MakePlace {
  const guard = guardOf(runtimeFile)
  return (spec, listener) =>
    new HostedPlace((given, receiver) => new InstanceProcess(runtimeFile, given, receiver, guard), spec, listener)
}
