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
  constructor(
    readonly path: string,
    /** Where the two stand, such as `etc/dhn.cfg, line 5`; empty when it isn't known. */
    readonly places: readonly string[] = [],
  ) {
    const where = places.length === 0 ? '' : ` (${places.join('; ')})`
    super(`${path} is an option in one configuration and a section in the other${where}`, {
      next: `rename one of the two`,
    })
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

/** A file of the configuration is there and can't be read. */
export class ConfigurationUnreadable extends DhnError {
  readonly code = 'DHN_CONFIGURATION_UNREADABLE'
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`${file} can't be read: ${reason}`, { next: 'make it readable for the user who runs the node' })
  }
}

/** A file of the configuration that somebody named isn't there. */
export class ConfigurationMissing extends DhnError {
  readonly code = 'DHN_CONFIGURATION_MISSING'
  constructor(readonly file: string) {
    super(`there is no configuration file ${file}`, {
      next: 'correct the name: files come from --cfg and from DIRACSYSCONFIG',
    })
  }
}

/** A word after -o that sets no option. */
export class SettingInvalid extends DhnError {
  readonly code = 'DHN_SETTING_INVALID'
  constructor(readonly setting: string) {
    super(`${JSON.stringify(setting)} sets no option`, { next: 'write it as -o /path/option=value' })
  }
}
