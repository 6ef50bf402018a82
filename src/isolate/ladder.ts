import type { MakePlace } from './place.ts'
import { makeProcessPlace } from './process-place.ts'
import { makeThreadPlace } from './thread-place.ts'

/** Each service on the rung of the isolation ladder that its spec names; `runtimeFile` is the compiled instance side. */
export function makeLadder(runtimeFile: string): MakePlace {
  const rungs = { process: makeProcessPlace(runtimeFile), thread: makeThreadPlace(runtimeFile) }
  return (spec, listener) => rungs[spec.isolation](spec, listener)
}
