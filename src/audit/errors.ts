import { DhnError } from '../service/errors.ts'

/** The audit log can't be written: nothing is done that has to stand in it. */
export class AuditUnavailable extends DhnError {
  readonly code = 'DHN_AUDIT_UNAVAILABLE'
  constructor(
    readonly folder: string,
    readonly reason: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`the audit log can't be written: ${reason}`, {
      ...options,
      next: `see that ${folder} can be written and has room, then ask again: nothing was done`,
    })
  }
}
