import type { Incarnation } from './incarnation.ts'

/** A process that is a running instance's own. */
export interface OwnProcess {
  readonly pid: number
  /** Calls that it has to answer. */
  readonly inside: number
  /** Which of several it is, counted from 0; absent for one that is the only one. */
  readonly place?: number
}

/** The processes of a running instance; none for one in threads, as what the whole node uses isn't its own. */
export function ownProcesses({
  spec,
  pid,
  parts,
  traffic,
}: Pick<Incarnation, 'spec' | 'pid' | 'parts' | 'traffic'>): readonly OwnProcess[] {
  if (spec.place.isolation === 'thread') return []
  if (parts === undefined) return pid === undefined ? [] : [{ pid, inside: traffic.inside + traffic.elsewhere.inside }]
  return parts.flatMap(({ pid, inside }, place) => (pid === undefined ? [] : [{ pid, inside, place }]))
}
