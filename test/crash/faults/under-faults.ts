import type { ErrorData } from '../../../src/service/errors.ts'
import type { FaultFigures } from '../figures.ts'
import type { Fault, Mode, Strike } from '../harness/strike.ts'

export interface Trial {
  readonly fault: Fault
  readonly nth: number
  readonly mode: Mode
}

/** Something that is done again and again, and each time another file-system call of it fails. */
export interface UnderFaults {
  /** What didn't hold. */
  readonly wrong: string[]
  begin(): Promise<void>
  /** Adds to `figures` what came of it. */
  try(trial: Trial, figures: FaultFigures): Promise<void>
  end(): Promise<void>
}

/** A command doesn't make the same number of calls each time: so often in a row it must be done with fewer than N. */
const enough = 3

/** Ends a trial: whether the fault was met, and where first. */
export function whatWasStruck(
  strike: Strike,
  { nth }: Trial,
  figures: FaultFigures,
): { readonly first: string; readonly met: boolean } {
  const { times, first } = strike.disarm()
  const met = times > 0
  figures.missed = met ? 0 : figures.missed + 1
  figures.complete = figures.missed === enough
  if (met) {
    figures.struck += 1
    figures.last = nth
  }
  return { first, met }
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
