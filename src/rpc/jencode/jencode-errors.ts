import { DhnError } from '../../service/errors.ts'

/** A text that is no JEncode: not JSON, or a tagged object that can't be read. */
export class JEncodeUnreadable extends DhnError {
  readonly code = 'DHN_JENCODE_UNREADABLE'
  constructor(
    reason: string,
    /** Characters from the start of the text; undefined where no place can be named. */
    readonly position?: number,
  ) {
    super(position === undefined ? reason : `${reason} at character ${position}`, {
      next: 'Send JSON as DIRAC writes it: docs/service.md lists the values that travel.',
    })
  }
}

/** A value that JEncode has no form for. */
export class JEncodeUnwritable extends DhnError {
  readonly code = 'DHN_JENCODE_UNWRITABLE'
  constructor(readonly kind: string) {
    super(`a ${kind} can't be sent`, { next: 'Return values that travel: docs/service.md lists them.' })
  }
}
