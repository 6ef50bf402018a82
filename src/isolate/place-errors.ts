import { DhnError, RemoteError } from '../service/errors.ts'

/** A place didn't come to its registration; `code` and facts are those of the cause. The place is gone. */
export class PlaceFailed extends RemoteError {}

/** A step of a service took longer than it may. */
export class PlaceTimeout extends DhnError {
  readonly code = 'DHN_PLACE_TIMEOUT'
  constructor(
    /** `start`, a callback, or `credentials`. */
    readonly step: string,
    readonly milliseconds: number,
  ) {
    super(
      `${step === 'start' ? 'the start of the service' : `the service's ${step}`} took longer than ${milliseconds} ms`,
      {
        next: 'Look at the log for what it waits for, or raise the limit in etc/dhn.cfg, section /DHN/Limits.',
      },
    )
  }
}

/** The process of a service ended without being asked to. */
export class PlaceEnded extends DhnError {
  readonly code = 'DHN_PLACE_ENDED'
  constructor(
    readonly exitCode: number | undefined,
    readonly signal: string | undefined,
  ) {
    super(
      signal === undefined
        ? `the service's process ended with exit code ${exitCode}`
        : `the service's process was ended by ${signal}`,
      { next: 'Look at the last lines of its log.' },
    )
  }
}

/** The process of a service ended because its heap was full. */
export class PlaceOutOfMemory extends DhnError {
  readonly code = 'DHN_PLACE_OUT_OF_MEMORY'
  constructor(readonly heapMegabytes: number) {
    super(`the service's heap was full at ${heapMegabytes} MB`, {
      next: 'Find what the service keeps, or give it a larger heap in etc/dhn.cfg.',
    })
  }
}

/** No process could be made for a service. */
export class PlaceSpawnFailed extends DhnError {
  readonly code = 'DHN_PLACE_SPAWN_FAILED'
  constructor(readonly reason: string) {
    super(`no process could be started for the service: ${reason}`, {
      next: 'See that the deployment folder and the log folder are there, and that the node may start processes.',
    })
  }
}

/** Something was asked of a place that isn't running, or that was stopped meanwhile. */
export class PlaceGone extends DhnError {
  readonly code = 'DHN_PLACE_GONE'
  constructor() {
    super("the service's process is not running", { next: 'Wait until the running instance is ready again.' })
  }
}
