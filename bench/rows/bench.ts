import type { Figure } from '../figure.ts'
import type { LoadGenerator } from '../harness/load.ts'
import type { Cores } from '../harness/machine.ts'
import type { Visited } from '../harness/slices.ts'
import type { Stops } from '../harness/stops.ts'

/** What every row is given. */
export interface Bench {
  readonly cores: Cores
  readonly generator: LoadGenerator
  readonly stops: Stops
  /** Rounds of slices, of commands, of deploys. */
  readonly rounds: number
  /** Everything smaller, to see that it works: the figures mean nothing then. */
  readonly quick: boolean
  /** Whether others are measured side by side. */
  readonly peers: boolean
  /** A folder for archives and logs that goes away at the end. */
  readonly scratch: string
  /** Where peers are kept from run to run. */
  readonly peersFolder: string
  readonly tell: (line: string) => void
}

export interface RowResult {
  readonly figures: readonly Figure[]
  /** Servers side by side, if that is what the row is about. */
  readonly visited?: SideBySide
}

export interface SideBySide {
  readonly title: string
  readonly servers: readonly Visited[]
  /** Exact versions of those that are there, by server. */
  readonly versions: Readonly<Record<string, string>>
  /** Who isn't there, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[]
}

export interface Row {
  readonly name: string
  readonly about: string
  run(bench: Bench): Promise<RowResult>
}
