import type { HTTPError } from '../service/http-error.ts'
import { isTornadoResponse, type TornadoResponse } from '../service/tornado-response.ts'
import { jencode } from './jencode/encode.ts'
import { JEncodeUnwritable } from './jencode/jencode-errors.ts'
import { keepKeyOrder, keysInOrder, remembersOrder } from './jencode/key-order.ts'
import { sErrorBody } from './s-error-body.ts'

/** Pieces of a body that is made while it is sent. */
export type BodyStream = AsyncIterable<string | Uint8Array>

/** What goes on the wire for one call. */
export interface Answer {
  readonly status: number
  /** Instead of the status' own. */
  readonly reason?: string
  readonly contentType: string
  /** Besides those that say what the body is. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body: string | Uint8Array | BodyStream
}

const html = 'text/html; charset=UTF-8'
const json = 'application/json'
const octets = 'application/octet-stream'

/**
 * The answer for what a method returned: text, bytes and streams as they are, nothing as an empty body, anything else as
 * JEncode. A `TornadoResponse` says itself what it is.
 *
 * The keys `CallStack` and `ExecInfo` of an object stay here: they are for the service itself.
 *
 * @param raw the caller asked for the answer as it is (`rawContent`)
 * @throws {JEncodeUnwritable} the value can't be sent
 * @see dirac-https.md 1, Response
 */
export function answerFor(value: unknown, raw = false): Answer {
  if (value === undefined || value === null) return { status: 200, contentType: html, body: '' }
  if (isVerbatim(value)) return { status: 200, contentType: raw ? octets : html, body: value }
  if (isTornadoResponse(value)) return answerOf(value)
  if (raw) return { status: 200, contentType: `${json}; charset=UTF-8`, body: rawObject(value) }
  return { status: 200, contentType: json, body: jencode(withoutLocals(value)) }
}

/** The answer of an error status. */
export function errorAnswer(status: number, message: string, errno = 0): Answer {
  return { status, contentType: json, body: sErrorBody(message, errno) }
}

/** The answer of a handler that threw one. */
export function httpErrorAnswer({ status_code, reason }: HTTPError): Answer {
  const answer = errorAnswer(status_code, reason ?? `The service answered with the status ${status_code}`)
  return reason === undefined ? answer : { ...answer, reason }
}

export function isStream(body: unknown): body is BodyStream {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function isVerbatim(value: unknown): value is string | Uint8Array | BodyStream {
  return typeof value === 'string' || value instanceof Uint8Array || isStream(value)
}

function answerOf({ payload, status_code, reason, headers }: TornadoResponse): Answer {
  const { contentType, body } = answerFor(payload)
  const own = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  return {
    status: status_code,
    contentType: own ?? contentType,
    body,
    headers: headers.filter(([name]) => name.toLowerCase() !== 'content-type'),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** An object is written as plain JSON when the answer is wanted as it is: DIRAC's server has no tags for that. */
function rawObject(value: unknown): string {
  const text = isObject(value) ? jencode(withoutLocals(value)) : undefined
  if (text === undefined || text.includes('"__dCls"'))
    throw new JEncodeUnwritable('answer that is no plain JSON object')
  return text
}

function withoutLocals(value: unknown): unknown {
  if (!isObject(value) || !('CallStack' in value || 'ExecInfo' in value)) return value
  const { CallStack: _stack, ExecInfo: _info, ...rest } = value
  if (remembersOrder(value)) keepKeyOrder(rest, keysInOrder(value))
  return rest
}

/** An object that is no list and of no class. */
function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
