import type { MakePlace } from './place.ts'
import { PlaceGroup } from './place-group.ts'
import { makeProcessPlace } from './process-place.ts'
import { makeThreadPlace } from './thread-place.ts'

/** Each service on the rung of the isolation ladder that its spec names, in as many places; `runtimeFile` is the compiled instance side. */
export function makeLadder(runtimeFile: string): MakePlace {
  const rungs = { process: makeProcessPlace(runtimeFile), thread: makeThreadPlace(runtimeFile) }
  return (spec, listener) => {
    const rung = rungs[spec.isolation]
    return spec.several === undefined ? rung(spec, listener) : new PlaceGroup(rung, spec, spec.several, listener)
  }
}
