import type { Figure } from '../figure.ts'
import type { Machine } from '../harness/machine.ts'
import type { SideBySide } from '../rows/bench.ts'

/** What a run found: `--json` writes it, the page shows it. */
export interface Results {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly dhn: string
  readonly machine: Machine
  readonly generator: string
  readonly rounds: number
  readonly quick: boolean
  /** Median share of the server's processor that went to others during the slices; high means a disturbed run. */
  readonly foreign?: number
  readonly figures: readonly Figure[]
  readonly sideBySide: readonly SideBySide[]
  /** Rows that could not be measured. */
  readonly failures: readonly { readonly row: string; readonly why: string }[]
}
