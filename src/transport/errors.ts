import { DhnError } from '../service/errors.ts'

/** Something else listens where a door should open. */
export class PortInUse extends DhnError {
  readonly code = 'DHN_PORT_IN_USE'
  constructor(
    readonly port: number,
    /** The option that says so, such as `/DHN/Port`. */
    readonly option: string,
    readonly address?: string,
  ) {
    super(`port ${port}${address === undefined ? '' : ` of ${address}`} is in use`, {
      next: `stop what listens there, or choose another port with ${option} in etc/dhn.cfg`,
    })
  }
}

/** A door can't open where it should for another reason: a port below 1024, an address that isn't this machine's. */
export class ListenRefused extends DhnError {
  readonly code = 'DHN_LISTEN_REFUSED'
  constructor(
    readonly where: string,
    readonly reason: string,
    next: string,
  ) {
    super(`can't listen at ${where}: ${reason}`, { next })
  }
}

/** The HTTPS door has no certificate and key to show. */
export class HostCredentialsUnusable extends DhnError {
  readonly code = 'DHN_HOST_CREDENTIALS_UNUSABLE'
  constructor(
    readonly file: string,
    readonly reason: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`${file} can't be used: ${reason}`, {
      ...options,
      next: 'put a PEM certificate and its key where /DHN/TLS says, or run dhn init for a pair that it makes',
    })
  }
}

/** Others than its owner may read the host's key. */
export class HostKeyExposed extends DhnError {
  readonly code = 'DHN_HOST_KEY_EXPOSED'
  constructor(
    readonly file: string,
    /** Octal, such as `644`. */
    readonly mode: string,
  ) {
    super(`${file} has mode ${mode}: others can read the host's key`, { next: `run: chmod 600 ${file}` })
  }
}

/** A path or query field of a request to the admin API isn't what it may be. */
export class RequestInvalid extends DhnError {
  readonly code = 'DHN_REQUEST_INVALID'
  constructor(
    /** Such as `mode`; empty when it isn't about one field. */
    readonly field: string,
    readonly reason: string,
  ) {
    super(field === '' ? reason : `${field}: ${reason}`, { next: 'see /admin/v1/openapi.json for what can be asked' })
  }
}

/** The admin API has nothing at this path. */
export class RouteUnknown extends DhnError {
  readonly code = 'DHN_ROUTE_UNKNOWN'
  constructor(readonly path: string) {
    super(`the admin API has nothing at ${path}`, { next: 'see /admin/v1/openapi.json for what it has' })
  }
}

/** There is something at this path, but not for this verb. */
export class VerbNotAllowed extends DhnError {
  readonly code = 'DHN_VERB_NOT_ALLOWED'
  constructor(
    readonly verb: string,
    readonly allowed: readonly string[],
  ) {
    super(`${verb} is not allowed here`, { next: `use ${allowed.join(' or ')}` })
  }
}

/** There is no operation with this id, nor the report of one. */
export class OperationUnknown extends DhnError {
  readonly code = 'DHN_OPERATION_UNKNOWN'
  constructor(readonly id: string) {
    super(`there is no operation ${id}`, { next: 'GET /admin/v1/operations lists those that are kept' })
  }
}

/** The archive sent is longer than an archive may be. */
export class UploadTooLarge extends DhnError {
  readonly code = 'DHN_UPLOAD_TOO_LARGE'
  constructor(readonly limit: number) {
    super(`the archive is longer than ${limit} bytes`, {
      next: 'make it smaller, or raise /DHN/Archives/ArchiveSize in etc/dhn.cfg',
    })
  }
}

/** The archive didn't arrive whole: its sender went away. */
export class UploadBroken extends DhnError {
  readonly code = 'DHN_UPLOAD_BROKEN'
  constructor(options: { readonly cause?: unknown } = {}) {
    super('the archive did not arrive whole: its sender went away', { ...options, next: 'send it again' })
  }
}

/** The archive couldn't be written to the node's staging folder: the disk is full, mostly. */
export class UploadNotKept extends DhnError {
  readonly code = 'DHN_UPLOAD_NOT_KEPT'
  constructor(
    readonly reason: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`the archive could not be written: ${reason}`, {
      ...options,
      next: 'make room in the home, then send it again',
    })
  }
}

/** The node doesn't find the archive where its sender sees it: another file system, another user, or it has changed. */
export class UploadElsewhere extends DhnError {
  readonly code = 'DHN_UPLOAD_ELSEWHERE'
  constructor(
    readonly path: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`the node does not find that archive at ${path}`, { ...options, next: 'send the archive as the body' })
  }
}

/** The path of the admin socket is longer than the system allows. */
export class SocketPathTooLong extends DhnError {
  readonly code = 'DHN_SOCKET_PATH_TOO_LONG'
  constructor(
    readonly path: string,
    readonly limit: number,
  ) {
    super(`${path} is longer than the ${limit} bytes that a socket's path may have`, {
      next: 'choose a home with a shorter path',
    })
  }
}

/** A front ended before it answered. */
export class FrontEnded extends DhnError {
  readonly code = 'DHN_FRONT_ENDED'
  constructor(readonly why: string) {
    super(`a front process ended: ${why}`, { next: 'look at the log of the node for what it said before' })
  }
}
