import type { PlaceSpec } from '../../src/isolate/place.ts'
import { makeProcessPlace } from '../../src/isolate/process-place.ts'
import { instanceEntry } from './instance-entry.ts'

// A node that starts a place for each spec, calls `ready()` of the last one, says their pids and stays.
const specs = JSON.parse(process.argv[2] as string) as PlaceSpec[]
const unasked = {
  stateRequested: async () => {},
  addressAsked: async () => '',
  joinShared: () => ({ ask: async () => undefined, leave: () => {} }),
  ended: () => {},
}
const places = specs.map((spec) => makeProcessPlace(instanceEntry)(spec, unasked))
for (const place of places) await place.start()
void places.at(-1)?.callback('ready')
process.stdout.write(JSON.stringify(places.map((place) => place.pid)))
