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

export type RefusalCode =
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

const statusOf: Readonly<Record<RefusalCode, number>> = {
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
}

/** The error numbers that DIRAC's clients know (dirac-https.md 1); 0 says none. */
const errnoOf: Partial<Readonly<Record<RefusalCode, number>>> = {
  DHN_METHOD_UNKNOWN: 38,
  DHN_UNAUTHENTICATED: 1111,
  DHN_NOT_AUTHORIZED: 1111,
  DHN_CERTIFICATE_REFUSED: 1111,
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
