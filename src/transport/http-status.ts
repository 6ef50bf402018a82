import type { ErrorCode } from './error-codes.ts'

type Archive = `DHN_ARCHIVE_${string}` | `DHN_XML_${string}`

/** The status of each error of the admin API. It stops compiling when a code is missing, and when one is no more. */
const statuses = {
  DHN_REQUEST_INVALID: 400,
  DHN_UPLOAD_BROKEN: 400,
  DHN_URL_NOT_ALLOWED: 403,
  DHN_ROUTE_UNKNOWN: 404,
  DHN_DEPLOYMENT_UNKNOWN: 404,
  DHN_INSTANCE_UNKNOWN: 404,
  DHN_NO_EARLIER_RUN: 404,
  DHN_OPERATION_UNKNOWN: 404,
  DHN_VERB_NOT_ALLOWED: 405,
  DHN_UPLOAD_TOO_LARGE: 413,

  // It could be done with another state of the node.
  DHN_ADDRESS_TAKEN: 409,
  DHN_CONTENT_MISSING: 409,
  DHN_DEPENDENCY_CYCLE: 409,
  DHN_IMPORT_NAME_TAKEN: 409,
  DHN_INSTANCE_AMBIGUOUS: 409,
  DHN_NO_INSTANCE: 409,
  DHN_NO_EARLIER_VERSION: 409,
  DHN_REQUIREMENTS_UNMET: 409,
  DHN_RI_NAME_TAKEN: 409,
  DHN_SITUATION_CHANGED: 409,
  DHN_STUBS_MISSING: 409,
  DHN_TRANSITION_ILLEGAL: 409,

  // It could be done with another archive.
  DHN_DESCRIPTOR_MISSING: 422,
  DHN_DESCRIPTOR_ROOT: 422,
  DHN_GAR_MISNAMED: 422,
  DHN_PROFILE_MISSING: 422,
  DHN_WSDD_MISSING: 422,
  DHN_SECURITY_METHOD_UNKNOWN: 422,

  // What the service did, or didn't.
  DHN_DOWNLOAD_FAILED: 502,
  DHN_GATES_CLOSED: 502,
  DHN_PLACE_ENDED: 502,
  DHN_PLACE_GONE: 502,
  DHN_PLACE_OUT_OF_MEMORY: 502,
  DHN_PLACE_TIMEOUT: 502,
  DHN_SERVICE_SAID_FAILED: 502,
  DHN_STEP_TOO_LONG: 502,
  DHN_STUBS_USER_FAILED: 502,

  DHN_NODE_STOPPING: 503,
  DHN_OPERATION_INTERRUPTED: 503,

  DHN_UPLOAD_NOT_KEPT: 507,

  // The node itself is in trouble.
  DHN_HOME_LOCKED: 500,
  DHN_HOST_CREDENTIALS_UNUSABLE: 500,
  DHN_HOST_KEY_EXPOSED: 500,
  DHN_LISTEN_REFUSED: 500,
  DHN_PLACE_SPAWN_FAILED: 500,
  DHN_PORT_IN_USE: 500,
  DHN_SOCKET_PATH_TOO_LONG: 500,
  DHN_STATE_UNUSABLE: 500,
  DHN_STORE_FAILED: 500,
  DHN_STORE_NEWER: 500,
  DHN_STORE_UNREADABLE: 500,
} satisfies Record<Exclude<ErrorCode, Archive>, number>

/** The status of an error with this code. What isn't an error of dhn's is 500. */
export function httpStatus(code: string): number {
  if (Object.hasOwn(statuses, code)) return statuses[code as keyof typeof statuses]
  return /^DHN_(ARCHIVE|XML)_/.test(code) ? 422 : 500
}
