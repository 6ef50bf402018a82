import { type Failpoint, failpoints } from '../../../src/store/failpoint.ts'
import type { Operation } from '../harness/operations.ts'
import type { Random } from '../harness/random.ts'

/** Where the life of a node ends. */
export type Plan =
  /** At a named place, when it comes by for the `hit`th time. */
  | { readonly at: 'failpoint'; readonly name: Failpoint; readonly hit: number }
  /** Before the `nth` file-system call of an operation, or of its start. */
  | { readonly at: 'file call' | 'file call of the start'; readonly nth: number }
  /** So many milliseconds after an operation, its start or its stop has begun. */
  | { readonly at: 'moment' | 'moment of the start' | 'moment of the stop'; readonly after: number }
  /** Not killed: it is stopped, as a node that is well. */
  | { readonly at: 'stop' }

/** The next plan. Of failpoints the one comes that was reached least often so far. */
export function nextPlan(random: Random, kills: Readonly<Record<string, number>>): Plan {
  const share = random.next()
  if (share < 0.45) {
    const least = Math.min(...failpoints.map((name) => kills[placeOf(name)] ?? 0))
    const name = random.pick(failpoints.filter((name) => (kills[placeOf(name)] ?? 0) <= least + 1)) as Failpoint
    return { at: 'failpoint', name, hit: random.whole(1, 3) }
  }
  if (share < 0.65) return { at: 'file call', nth: random.whole(1, random.pick([10, 50, 200]) as number) }
  if (share < 0.7) return { at: 'file call of the start', nth: random.whole(1, 150) }
  if (share < 0.88) return { at: 'moment', after: random.whole(0, random.pick([20, 100, 500]) as number) }
  if (share < 0.92) return { at: 'moment of the start', after: random.whole(100, 1500) }
  if (share < 0.96) return { at: 'moment of the stop', after: random.whole(0, 300) }
  return { at: 'stop' }
}

/** What a kill there is counted as. */
export const placeOf = (failpoint: string): string => `failpoint ${failpoint}`

/** The operation that comes by this failpoint; undefined when any does. */
export function leadsTo(name: Failpoint): Operation['what'] | undefined {
  const [what] = name.split('.')
  return what === 'deploy' || what === 'rollback' || what === 'undeploy' ? what : undefined
}
