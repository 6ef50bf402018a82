import type { PlaceReply } from '../isolate/place.ts'
import { sErrorBody } from '../rpc/s-error-body.ts'

/** What goes back to a caller: what the instance answered, or why the call never reached it. */
export interface Reply extends PlaceReply {
  /** Set when the node refused the call; a door with errors of its own kind makes them from this. */
  readonly refused?: { readonly code: RefusalCode; readonly message: string }
  /** By which `dhn explain` finds the refusal. */
  readonly request?: string
  /** Seconds after which it is worth trying again. */
  readonly retryAfter?: number
}

/** Why a caller gets no answer of a service: by the state of the service, or by who he is. */
export type RefusalCode =
  | FormCode
  | 'DHN_SERVICE_NOT_HERE'
  | 'DHN_NOT_READY_YET'
  | 'DHN_DISABLED'
  | 'DHN_FAILED'
  | 'DHN_STOPPING'
  | 'DHN_OVERLOADED'
  | 'DHN_METHOD_UNKNOWN'
  | 'DHN_UNAUTHENTICATED'
  | 'DHN_NOT_AUTHORIZED'
  | 'DHN_CERTIFICATE_REFUSED'
  | 'DHN_TOKEN_NOT_BEARER'
  | 'DHN_TOKEN_REFUSED'
  | 'DHN_TOKEN_UNREADABLE'

/** What is wrong with a request itself, whoever sends it and however the service is. */
export type FormCode = keyof typeof formStatus

const formStatus = {
  DHN_NOT_HTTP: 400,
  DHN_HOSTS_DIFFER: 400,
  DHN_BODY_DAMAGED: 400,
  DHN_FORM_UNREADABLE: 400,
  DHN_METRICS_FORBIDDEN: 403,
  DHN_NOT_POSTED: 405,
  DHN_REQUEST_TOO_SLOW: 408,
  DHN_BODY_TOO_LONG: 413,
  DHN_ENCODING_UNKNOWN: 415,
  DHN_EXPECTATION_UNKNOWN: 417,
  DHN_HEADERS_TOO_LONG: 431,
  DHN_CALL_UNANSWERED: 500,
  DHN_CODING_UNKNOWN: 501,
  DHN_HTTP_VERSION_UNKNOWN: 505,
} as const

const statusOf: Readonly<Record<RefusalCode, number>> = {
  ...formStatus,
  DHN_SERVICE_NOT_HERE: 404,
  DHN_NOT_READY_YET: 503,
  DHN_DISABLED: 503,
  DHN_FAILED: 503,
  DHN_STOPPING: 503,
  DHN_OVERLOADED: 503,
  DHN_METHOD_UNKNOWN: 501,
  DHN_UNAUTHENTICATED: 401,
  DHN_NOT_AUTHORIZED: 401,
  DHN_CERTIFICATE_REFUSED: 401,
  DHN_TOKEN_NOT_BEARER: 401,
  DHN_TOKEN_REFUSED: 401,
  DHN_TOKEN_UNREADABLE: 401,
}

/** The error numbers that DIRAC's clients know (dirac-https.md 1); 0 says none. */
const errnoOf: Partial<Readonly<Record<RefusalCode, number>>> = {
  DHN_METHOD_UNKNOWN: 38,
  DHN_UNAUTHENTICATED: 1111,
  DHN_NOT_AUTHORIZED: 1111,
  DHN_CERTIFICATE_REFUSED: 1111,
  DHN_TOKEN_NOT_BEARER: 1152,
  DHN_TOKEN_REFUSED: 1111,
  DHN_TOKEN_UNREADABLE: 1151,
}

/** A refusal as an S_ERROR body. Those of a gate are made once for each change of state, not once for each call. */
export function refuse(code: RefusalCode, message: string, retryAfter?: number): Reply {
  return {
    status: statusOf[code],
    contentType: 'application/json',
    body: Buffer.from(sErrorBody(message, errnoOf[code])),
    refused: { code, message },
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
