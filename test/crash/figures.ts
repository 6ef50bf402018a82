import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** How far the faults of one operation have been tried with one error. */
export interface FaultFigures {
  /** The next call to fail. */
  next: number
  /** The last call that failed. */
  last: number
  /** How often the command has been done with fewer calls than `next`. */
  missed: number
  /** It no longer meets its fault: every call has been tried. */
  complete: boolean
  /** Faults that happened. */
  struck: number
  /** The command was refused, with a code of dhn. */
  refused: number
  /** The command was done in spite of it. */
  done: number
  /** The start ended with a signal while lmdb opened its files. */
  ended: number
}

/** What was found so far; a later run goes on with it. */
export interface Figures {
  seeds: number[]
  /** How many kills at each place. */
  kills: Record<string, number>
  /** From the start of a node that was killed before until all of it had settled, ms; by how many services a home has. */
  recovered: Record<string, number[]>
  /** From the kill of an instance until it answered again, ms. */
  returns: number[]
  /** How often each operation was done, refused or left in doubt, as `deploy done`. */
  operations: Record<string, number>
  /** Calls that were answered meanwhile. */
  calls: number
  /** By operation, error and mode. */
  faults: Record<string, FaultFigures>
  violations: string[]
  seconds: number
}

const none = (): Figures => ({
  seeds: [],
  kills: {},
  recovered: {},
  returns: [],
  operations: {},
  calls: 0,
  faults: {},
  violations: [],
  seconds: 0,
})

export function loadFigures(file: string): Figures {
  return existsSync(file) ? { ...none(), ...(JSON.parse(readFileSync(file, 'utf8')) as Figures) } : none()
}

/** Whole or not at all: a run may be ended at any moment. */
export function saveFigures(file: string, figures: Figures): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(figures)}\n`)
  renameSync(`${file}.new`, file)
}

export function countOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

export const killsOf = ({ kills }: Figures): number => Object.values(kills).reduce((sum, count) => sum + count, 0)
