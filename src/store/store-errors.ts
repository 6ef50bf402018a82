import { DhnError } from '../service/errors.ts'

/** Another process owns the node's home. */
export class HomeLocked extends DhnError {
  readonly code = 'DHN_HOME_LOCKED'
  constructor(
    readonly home: string,
    readonly pid: number,
  ) {
    super(`the home ${home} is in use by the node with process id ${pid}`, {
      next: `stop that one first: dhn --home ${home} stop`,
    })
  }
}

/** The store was written by a newer dhn. */
export class StoreNewer extends DhnError {
  readonly code = 'DHN_STORE_NEWER'
  constructor(
    readonly directory: string,
    readonly format: number,
    readonly known: number,
    readonly writtenBy: string,
  ) {
    super(`the store ${directory} has format ${format}, written by dhn ${writtenBy}; this dhn reads format ${known}`, {
      next: `run it with dhn ${writtenBy} or newer`,
    })
  }
}

/** The store can't be opened: it is damaged, or its folder can't be written. */
export class StoreUnreadable extends DhnError {
  readonly code = 'DHN_STORE_UNREADABLE'
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(`the store ${directory} can't be opened: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
      next: 'check who owns the folder and that the disk is well, or put back a copy of it',
    })
  }
}

/** A change couldn't be written; the store is as it was before. */
export class StoreFailed extends DhnError {
  readonly code = 'DHN_STORE_FAILED'
  constructor(cause: unknown) {
    super(`the node's store can't be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
      next: 'check the space left on the disk, then repeat the command',
    })
  }
}
