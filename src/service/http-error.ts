const kind = Symbol.for('dhn.service.httpError')

/**
 * Thrown by a handler to answer with a status of its own: `throw new HTTPError(403, 'Not today')`. The caller gets the status
 * with its reason, and an S_ERROR with the reason as its message.
 *
 * @throws {RangeError} the status is none of an error, 400 to 599
 */
export class HTTPError extends Error {
  constructor(
    readonly status_code: number,
    /** Without it the standard one of the status. Only ASCII travels. */
    readonly reason?: string,
  ) {
    super(`HTTP ${status_code}${reason === undefined ? '' : `: ${reason}`}`)
    this.name = 'HTTPError'
    if (!Number.isInteger(status_code) || status_code < 400 || status_code > 599)
      throw new RangeError(`${status_code} is no status of an error: 400 to 599`)
  }

  get [kind](): true {
    return true
  }
}

/** Also one of another copy of the SDK, which `instanceof` would not know. */
export function isHttpError(thrown: unknown): thrown is HTTPError {
  return typeof thrown === 'object' && thrown !== null && (thrown as { [kind]?: unknown })[kind] === true
}
