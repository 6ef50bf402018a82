import { credentialsKindOf, type MultipleCredentialsListener, type SimpleCredentialsListener } from './credentials.ts'
import { DhnError } from './errors.ts'
import { type RegisteredRI, shared } from './runtime.ts'

/**
 * What a running instance is told of its life. Each may take its time and return a promise; the node waits within a
 * limit. One that throws, rejects or takes too long fails the running instance.
 *
 * @see docs/service.md for when each is called
 */
export interface gCubeRIStateICallback {
  /** Make yourself fit to answer: calls come in once this has ended. */
  ready(): void | Promise<void>
  /** The running instance has failed; its process is thrown away afterwards. */
  failed(): void | Promise<void>
  /** No calls come in any more and those in flight have ended. */
  disabled(): void | Promise<void>
  /** You replace a running instance that died; called before `ready()`. */
  redeployed(): void | Promise<void>
}

/** A service registers its running instance here, once: in a static block, a constructor, or `init()`. */
export interface StartupManager {
  /**
   * Registers the running instance `serviceClass`/`serviceName`.
   *
   * The same pair again is the same running instance: the first callback and listener stay.
   *
   * @throws {RiConflict} this deployment has registered another pair
   * @throws {RegistrationInvalid} an argument is not what it must be
   */
  registerRI(serviceClass: string, serviceName: string, callback: gCubeRIStateICallback): void
  /** The same, with a listener for its one credential. */
  registerRI(
    serviceClass: string,
    serviceName: string,
    callback: gCubeRIStateICallback,
    listener: SimpleCredentialsListener,
  ): void
  /** The same, with a listener for a credential of each scope. */
  registerRI(
    serviceClass: string,
    serviceName: string,
    callback: gCubeRIStateICallback,
    listener: MultipleCredentialsListener,
  ): void
}

const callbacks = ['ready', 'failed', 'disabled', 'redeployed'] as const

export const gCubeStartupManager: StartupManager = {
  registerRI(
    serviceClass: string,
    serviceName: string,
    callback: gCubeRIStateICallback,
    listener?: SimpleCredentialsListener | MultipleCredentialsListener,
  ): void {
    if (typeof serviceClass !== 'string' || serviceClass === '') throw new RegistrationInvalid('the service class')
    if (typeof serviceName !== 'string' || serviceName === '') throw new RegistrationInvalid('the service name')
    if (typeof callback !== 'object' || callback === null) throw new RegistrationInvalid('the callback')
    for (const name of callbacks) {
      // Plain JavaScript may leave out what it has no use for; what is there must be a function.
      if (!['function', 'undefined'].includes(typeof callback[name])) {
        throw new RegistrationInvalid(`the callback's ${name}()`)
      }
    }
    const credentials = listener === undefined ? 'none' : credentialsKindOf(listener)
    if (credentials === undefined) throw new RegistrationInvalid('the credentials listener')
    register({ serviceClass, serviceName, callback, credentials, listener })
  },
}

function register(ri: RegisteredRI): void {
  const same = (other: RegisteredRI): boolean =>
    other.serviceClass === ri.serviceClass && other.serviceName === ri.serviceName
  if (shared.registered.some(same)) return
  const first = shared.registered[0]
  if (first !== undefined && shared.node?.oneInstance === true) throw new RiConflict(first, ri)
  shared.registered.push(ri)
}

/** A deployment registered a second running instance of another class or name. */
export class RiConflict extends DhnError {
  readonly code = 'DHN_RI_CONFLICT'
  readonly registered: string
  readonly refused: string

  constructor(
    first: { readonly serviceClass: string; readonly serviceName: string },
    second: { readonly serviceClass: string; readonly serviceName: string },
  ) {
    const registered = `${first.serviceClass}/${first.serviceName}`
    const refused = `${second.serviceClass}/${second.serviceName}`
    super(`this deployment is the running instance ${registered} and can't be ${refused} as well`, {
      next: 'Register one class and name for all services of a GAR, or make two GARs.',
    })
    this.registered = registered
    this.refused = refused
  }
}

/** `registerRI` was called with something that isn't what it must be. */
export class RegistrationInvalid extends DhnError {
  readonly code = 'DHN_REGISTRATION_INVALID'
  constructor(readonly argument: string) {
    super(`registerRI was called without ${argument}, or with something else in its place`, {
      next: 'Call registerRI(serviceClass, serviceName, callback[, credentialsListener]) as docs/service.md shows.',
    })
  }
}
