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

/** The process or thread of a service ended without being asked to. */
export class PlaceEnded extends DhnError {
  readonly code = 'DHN_PLACE_ENDED'
  constructor(
    readonly exitCode: number | undefined,
    readonly signal: string | undefined,
    readonly isolation: 'process' | 'thread' = 'process',
  ) {
    super(
      signal === undefined
        ? `the service's ${isolation} ended with exit code ${exitCode}`
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

/** A service answered no heartbeat: its event loop doesn't come round. */
export class PlaceHung extends DhnError {
  readonly code = 'DHN_PLACE_HUNG'
  constructor(readonly milliseconds: number) {
    super(`the service's event loop was blocked for more than ${milliseconds} ms`, {
      next: 'Find the loop or the synchronous work in the service, or raise /DHN/Supervision/Silence in etc/dhn.cfg.',
    })
  }
}

/** A service and what it started use more memory than they may, in the heap or outside of it. */
export class PlaceOverMemory extends DhnError {
  readonly code = 'DHN_PLACE_OVER_MEMORY'
  constructor(
    readonly limitMegabytes: number,
    readonly usedMegabytes: number,
    readonly processes: number,
  ) {
    const who = processes === 1 ? "the service's process" : `the service's ${processes} processes`
    super(`${who} had ${usedMegabytes} MB in memory, ${limitMegabytes} MB are allowed`, {
      next: 'Find what the service keeps (buffers count too), or raise /DHN/Services/Memory in etc/dhn.cfg.',
    })
  }
}

/** A service has all descriptors open that it may have. */
export class PlaceOutOfDescriptors extends DhnError {
  readonly code = 'DHN_PLACE_OUT_OF_DESCRIPTORS'
  constructor(readonly limit: number) {
    super(`the service's process had all of its ${limit} descriptors open`, {
      next: 'Find the files or sockets that the service does not close, or raise /DHN/Services/Descriptors in etc/dhn.cfg.',
    })
  }
}

/** A service takes calls and answers none of them. */
export class PlaceUnanswering extends DhnError {
  readonly code = 'DHN_PLACE_UNANSWERING'
  constructor(
    readonly calls: number,
    readonly milliseconds: number,
  ) {
    super(`the service left ${calls} calls one after the other unanswered for ${milliseconds} ms`, {
      next: 'Look at its log for what it waits for, or raise /DHN/Limits/Call in etc/dhn.cfg.',
    })
  }
}

/** Services run as another user, who can't get to their files. */
export class PlaceUserShutOut extends DhnError {
  readonly code = 'DHN_PLACE_USER_SHUT_OUT'
  constructor(
    readonly uid: number,
    readonly folder: string,
  ) {
    super(`the user ${uid}, as whom services run, can't pass through ${folder}`, {
      next: `Let that user pass (chmod o+x ${folder}), or put the home or dhn itself elsewhere.`,
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

/** The places of one service don't offer the same: where a call goes would decide what it means. */
export class PlacesDiffer extends DhnError {
  readonly code = 'DHN_PLACES_DIFFER'
  constructor() {
    super('the processes of the service have registered different names, methods or rules', {
      next: 'Make what it registers depend on its archive alone, or run it once: /DHN/Instances/Of.',
    })
  }
}

/** The service itself said that it failed. */
export class ServiceSaidFailed extends DhnError {
  readonly code = 'DHN_SERVICE_SAID_FAILED'
  constructor(reason: string | undefined) {
    super(reason ?? 'the service set its state to failed', { next: 'see the log of the running instance' })
  }
}

/** Something was asked of a place that isn't running, or that was stopped meanwhile. */
export class PlaceGone extends DhnError {
  readonly code = 'DHN_PLACE_GONE'
  constructor() {
    super("the service's process is not running", { next: 'Wait until the running instance is ready again.' })
  }
}

/** The service, or the stream that it answered with, ended in the middle of an answer. */
export class AnswerBroken extends DhnError {
  readonly code = 'DHN_ANSWER_BROKEN'
  constructor() {
    super('the service broke off in the middle of its answer', { next: 'Look at its log for the reason.' })
  }
}
