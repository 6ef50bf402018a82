import { DhnError } from '../../service/errors.ts'

/** The module that a className stands for isn't in the archive. */
export class ServiceModuleMissing extends DhnError {
  readonly code = 'DHN_SERVICE_MODULE_MISSING'
  constructor(
    readonly service: string,
    readonly className: string,
    readonly lookedFor: readonly string[],
  ) {
    super(`the class ${className} of the service ${service} has no module ${lookedFor.join(' or ')}`, {
      next: 'Put the module there, or correct the className in the deployment descriptor or the HandlerPath.',
    })
  }
}

/** The module of a service has no class to export. */
export class ServiceClassMissing extends DhnError {
  readonly code = 'DHN_SERVICE_CLASS_MISSING'
  constructor(
    readonly service: string,
    readonly className: string,
    readonly module: string,
    readonly exportName: string,
  ) {
    super(`the module ${module} of the service ${service} exports no class ${exportName} and no default class`, {
      next: `Export the class as ${exportName} or as default.`,
    })
  }
}

/** The code of a service threw while it was loaded, made or initialised. */
export class ServiceStartFailed extends DhnError {
  readonly code = 'DHN_SERVICE_START_FAILED'
  constructor(
    readonly service: string,
    readonly step: 'module' | 'constructor' | 'init' | 'rules',
    readonly reason: string,
  ) {
    const steps = {
      module: 'the module',
      constructor: 'the constructor',
      init: 'init()',
      rules: 'the reading of the rules',
    }
    super(`${steps[step]} of the service ${service} threw: ${reason}`, { next: 'Look at its log for the stack.' })
  }
}

/** Nothing was registered, and no service name says what to register. */
export class RiNotRegistered extends DhnError {
  readonly code = 'DHN_RI_NOT_REGISTERED'
  constructor() {
    super('no running instance was registered, and no service has a name of the form System/Service', {
      next: 'Call gCubeStartupManager.registerRI in a static block, a constructor or init() of the service.',
    })
  }
}

/** A state callback or a credentials listener threw. */
export class CallbackFailed extends DhnError {
  readonly code = 'DHN_CALLBACK_FAILED'
  constructor(
    readonly callback: string,
    readonly reason: string,
  ) {
    super(`the service's ${callback} threw: ${reason}`, { next: 'Look at its log for the stack.' })
  }
}

/** Something was thrown in the service that nothing caught. */
export class ServiceCrashed extends DhnError {
  readonly code = 'DHN_SERVICE_CRASHED'
  constructor(
    readonly kind: 'uncaughtException' | 'unhandledRejection',
    readonly reason: string,
  ) {
    super(`${kind === 'uncaughtException' ? 'an exception' : 'a rejection'} in the service was not caught: ${reason}`, {
      next: 'Look at its log for the stack.',
    })
  }
}

/** `TypeError: x is not a function`, or the thing itself as text. */
export function asReason(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that has no text'
  }
}
