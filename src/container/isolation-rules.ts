import type { Isolation } from '../isolate/place.ts'
import type { Manifest } from './manifest.ts'

/** What the operator says of where services run. */
export interface IsolationRules {
  readonly otherwise: Isolation
  /** GAR IDs that run in processes, and in threads; one that is named in both runs in a process. */
  readonly processes: readonly string[]
  readonly threads: readonly string[]
  /** Archives have a say where the operator has said nothing of them. */
  readonly archivesChoose: boolean
}

/** Where a service runs: as the operator says of it, else as its archive does where archives have a say. */
export function isolationOf(
  rules: IsolationRules,
  { garId, isolation }: Pick<Manifest, 'garId' | 'isolation'>,
): Isolation {
  if (rules.processes.includes(garId)) return 'process'
  if (rules.threads.includes(garId)) return 'thread'
  return (rules.archivesChoose ? isolation : undefined) ?? rules.otherwise
}
