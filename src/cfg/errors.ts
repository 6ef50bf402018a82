import { DhnError } from '../service/errors.ts'

/** A configuration text that DIRAC would refuse too, or would lose a part of without a word. */
export class CfgMalformed extends DhnError {
  readonly code = 'DHN_CFG_MALFORMED'
  constructor(
    readonly file: string,
    /** From 1. */
    readonly line: number,
    readonly reason: string,
  ) {
    super(`${file}, line ${line}: ${reason}`, { next: `correct line ${line} of ${file}` })
  }
}

/** Two configurations that can't be merged: a name is an option in one and a section in the other. */
export class CfgConflict extends DhnError {
  readonly code = 'DHN_CFG_CONFLICT'
  constructor(readonly path: string) {
    super(`${path} is an option in one configuration and a section in the other`, { next: `rename one of the two` })
  }
}

/** A tree that has no text: reading the text back would give another tree. */
export class CfgUnwritable extends DhnError {
  readonly code = 'DHN_CFG_UNWRITABLE'
  constructor(
    readonly entry: string,
    readonly reason: string,
  ) {
    super(`${JSON.stringify(entry)} can't be written in a configuration: ${reason}`)
  }
}

/** An option whose value isn't one of those it may have. */
export class OptionInvalid extends DhnError {
  readonly code = 'DHN_OPTION_INVALID'
  constructor(
    readonly file: string,
    readonly line: number,
    readonly option: string,
    readonly value: string,
    readonly allowed: string,
  ) {
    super(`${file}, line ${line}: ${option} is ${JSON.stringify(value)}, which is not ${allowed}`, {
      next: `give ${option} ${allowed}, or take the line away for the default`,
    })
  }
}
