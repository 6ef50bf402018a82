import { DhnError } from '../service/errors.ts'

/** The command line makes no sense. */
export class UsageError extends DhnError {
  readonly code = 'DHN_USAGE'
  constructor(message: string, next = 'see: dhn --help') {
    super(message, { next })
  }
}

/** Nothing listens on the home's admin socket. */
export class NodeNotRunning extends DhnError {
  readonly code = 'DHN_NODE_NOT_RUNNING'
  constructor(
    readonly home: string,
    homeExists: boolean,
  ) {
    super(homeExists ? `no node is running at ${home}` : `there is no home at ${home}`, {
      next: homeExists
        ? `start it: dhn start --home ${home}`
        : `name another with --home or DHN_HOME, or make this one: dhn start --home ${home}`,
    })
  }
}

/** The admin socket is there and this user may not use it. */
export class NodeForbidden extends DhnError {
  readonly code = 'DHN_NODE_FORBIDDEN'
  constructor(readonly socket: string) {
    super(`${socket} belongs to another user`, { next: 'run the command as the user that runs the node' })
  }
}

/** The node took the connection and then went silent or away. */
export class NodeLost extends DhnError {
  readonly code = 'DHN_NODE_LOST'
  constructor(link: { readonly name: string; readonly option: string }, happened: string) {
    super(`${link.name} ${happened}`, { next: `look at it: dhn status ${link.option}` })
  }
}

/** Nothing answers at the address given with `--node`. */
export class NodeUnreachable extends DhnError {
  readonly code = 'DHN_NODE_UNREACHABLE'
  constructor(
    readonly address: string,
    readonly reason: string,
  ) {
    super(`${address} can't be reached: ${reason}`, { next: 'check the address, and that the node runs' })
  }
}

/** What answers at the address given with `--node` shows a certificate that isn't believed. */
export class NodeNotTrusted extends DhnError {
  readonly code = 'DHN_NODE_NOT_TRUSTED'
  constructor(
    readonly address: string,
    readonly reason: string,
    readonly trust: string,
  ) {
    super(`the certificate of ${address} is not trusted: ${reason}`, {
      next: `put the CA of its host certificate into ${trust}, or name another folder with --trust or X509_CERT_DIR`,
    })
  }
}

/** A command that needs a certificate to act with was given none and finds none. */
export class NoCredential extends DhnError {
  readonly code = 'DHN_NO_CREDENTIAL'
  constructor() {
    super('there is no certificate to show to the node', {
      next: 'name one with --cert and --key, or make a proxy: dhn cert proxy /tmp/x509up_u$(id -u) --cert usercert.pem --key userkey.pem',
    })
  }
}

/** The time given with `--timeout` is over, or the user went away; the operation goes on without us. */
export class StillWorking extends DhnError {
  readonly code = 'DHN_STILL_WORKING'
  constructor(
    readonly operation: string,
    happened: string,
  ) {
    super(`operation ${operation} ${happened} and goes on in the node`, {
      next: `follow it again: dhn report ${operation} --wait`,
    })
  }
}

/** An operation failed and its report says no more than that. */
export class OperationFailed extends DhnError {
  readonly code = 'DHN_OPERATION_FAILED'
  constructor(
    readonly operation: string,
    readonly type: string,
  ) {
    super(`the ${type.toLowerCase()} failed`, { next: `see its report: dhn report ${operation}` })
  }
}

/** The node is asked to stop and its process is still there. */
export class StillStopping extends DhnError {
  readonly code = 'DHN_STILL_STOPPING'
  constructor(
    readonly pid: number,
    readonly seconds: number,
  ) {
    super(`process ${pid} is still stopping after ${seconds} s`, {
      next: `wait longer with --timeout, or end it: kill -9 ${pid} (nothing that was acknowledged is lost)`,
    })
  }
}

/** A node started with `--detach` ended, or isn't answering yet. */
export class StartFailed extends DhnError {
  readonly code = 'DHN_START_FAILED'
  constructor(
    message: string,
    readonly log: string,
    readonly lastLines: readonly string[],
  ) {
    super(message, { next: `read ${log}, or start it in front to see why: dhn start` })
  }
}

/** The archive that a command was given isn't a file that can be read. */
export class ArchiveNotAFile extends DhnError {
  readonly code = 'DHN_ARCHIVE_NOT_A_FILE'
  constructor(
    readonly file: string,
    why: string,
    next: string,
  ) {
    super(`${file} ${why}`, { next })
  }
}

/** A new service would be mixed with what is there. */
export class FolderNotEmpty extends DhnError {
  readonly code = 'DHN_FOLDER_NOT_EMPTY'
  constructor(readonly folder: string) {
    super(`${folder} isn't empty`, { next: 'name another folder with --dir, or empty that one' })
  }
}

/** No stubs package of that name is on the node. */
export class StubsUnknown extends DhnError {
  readonly code = 'DHN_STUBS_UNKNOWN'
  constructor(readonly stubs: string) {
    super(`no stubs package ${stubs} is on this node`, { next: 'see which there are: dhn stubs list' })
  }
}

/** A call reached the service, or should have, and brought no S_OK. */
export class CallFailed extends DhnError {
  readonly code = 'DHN_CALL_FAILED'
  constructor(
    message: string,
    readonly address: string,
    /** The status as HTTP has it; absent when there was no answer. */
    readonly status: number | undefined,
    next?: string,
  ) {
    super(message, next === undefined ? {} : { next })
  }
}
