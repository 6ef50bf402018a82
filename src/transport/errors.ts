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
