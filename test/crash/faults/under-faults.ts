import type { ErrorData } from '../../../src/service/errors.ts'
import type { FaultFigures } from '../figures.ts'
import type { Fault, Strike } from '../harness/strike.ts'

export interface Trial {
  readonly fault: Fault
  readonly nth: number
  readonly mode: 'once' | 'from then on'
}

/** Something that is done again and again, and each time another file-system call of it fails. */
export interface UnderFaults {
  /** What didn't hold. */
  readonly wrong: string[]
  begin(): Promise<void>
  /** Adds to `figures` what came of it; `complete` when the fault is no longer met. */
  try(trial: Trial, figures: FaultFigures): Promise<void>
  end(): Promise<void>
}

/** Ends a trial: whether the fault was met, and where first. */
export function whatWasStruck(
  strike: Strike,
  figures: FaultFigures,
): { readonly first: string; readonly met: boolean } {
  const { times, first } = strike.disarm()
  if (times === 0) figures.complete = true
  else figures.struck += 1
  return { first, met: times > 0 }
}

/** An error that callers can tell apart. */
export function hasCode(error: ErrorData | undefined): boolean {
  return /^DHN_\w+$/.test(error?.code ?? '') && error?.code !== 'DHN_INTERNAL'
}

/** What a command said with `--json` when it failed. */
export function errorIn(stdout: string): ErrorData | undefined {
  try {
    return (JSON.parse(stdout) as { readonly error?: ErrorData }).error
  } catch {
    return undefined
  }
}
