import { jencode } from './jencode/encode.ts'
import { sErrorBody } from './s-error-body.ts'

/** What goes on the wire for one call. */
export interface Answer {
  readonly status: number
  readonly contentType: 'application/json' | 'text/html; charset=UTF-8' | 'application/octet-stream'
  readonly body: string | Uint8Array
}

/**
 * The answer for what a method returned: text and bytes as they are, nothing as an empty body, anything else as JEncode.
 *
 * The keys `CallStack` and `ExecInfo` of an object stay here: they are for the service itself.
 *
 * @throws {JEncodeUnwritable} the value can't be sent
 * @see dirac-https.md 1, Response
 */
export function answerFor(value: unknown): Answer {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return { status: 200, contentType: 'text/html; charset=UTF-8', body: value }
  }
  if (value === undefined || value === null) return { status: 200, contentType: 'text/html; charset=UTF-8', body: '' }
  return { status: 200, contentType: 'application/json', body: jencode(withoutLocals(value)) }
}

/** The answer of an error status. */
export function errorAnswer(status: number, message: string, errno = 0): Answer {
  return { status, contentType: 'application/json', body: sErrorBody(message, errno) }
}

function withoutLocals(value: unknown): unknown {
  if (typeof value !== 'object' || !('CallStack' in (value as object) || 'ExecInfo' in (value as object))) return value
  const { CallStack: _stack, ExecInfo: _info, ...rest } = value as Record<string, unknown>
  return rest
}
