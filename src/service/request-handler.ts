import { callOf, type RemoteCredentials } from './caller.ts'
import { configured, optionsOf } from './configured.ts'
import { Logger } from './logger.ts'
import { type ServiceInfo, shared } from './runtime.ts'

/**
 * What a class that answers remote calls may extend: each method `export_<name>` is the remote method `<name>`, and a
 * field `auth_<name>` says who may call it, as a list or a text with commas.
 *
 *     class Counter extends RequestHandler {
 *       auth_add = ['all']
 *       export_add(n: number) { return S_OK(n + 1) }
 *     }
 *
 * `ping`, `echo` and `whoami` are there without being written. A class with `export_` methods that extends nothing is served
 * just the same. What else a handler may have, all of it optional, is in `HandlerHooks`.
 *
 * Names are DIRAC's, so that its handlers can be moved line by line (docs/dirac.md). What tells of the caller is known from
 * the constructor's end to the answer's, also after an `await`.
 */
export abstract class RequestHandler {
  /** Who calls: the credential dictionary itself. Empty when nobody is known. */
  getRemoteCredentials(): RemoteCredentials {
    return callOf(this)?.credentials ?? {}
  }

  srv_getRemoteCredentials(): RemoteCredentials {
    return this.getRemoteCredentials()
  }

  /**
   * Network address and port of the caller.
   *
   * One object for all calls (scope Application) learns it only if its class has one of `HandlerHooks`; else it is `['', 0]`.
   */
  getRemoteAddress(): readonly [string, number] {
    return callOf(this)?.remote ?? ['', 0]
  }

  srv_getRemoteAddress(): readonly [string, number] {
    return this.getRemoteAddress()
  }

  /** `(address:port)[group:user]`, for logs. */
  srv_getFormattedRemoteCredentials(): string {
    const [address, port] = this.getRemoteAddress()
    const { group = 'visitor', username = 'anonymous' } = this.getRemoteCredentials()
    return `(${address.includes(':') ? `[${address}]` : address}:${port})[${group}:${username}]`
  }

  /** Empty when nobody is known, as with those below. */
  getUserDN(): string {
    return this.getRemoteCredentials().DN ?? ''
  }

  getUserName(): string {
    return this.getRemoteCredentials().username ?? ''
  }

  getUserGroup(): string {
    return this.getRemoteCredentials().group ?? ''
  }

  getProperties(): readonly string[] {
    return this.getRemoteCredentials().properties ?? []
  }

  /** Whether the caller is a user, or a host, of the registry. */
  isRegisteredUser(): boolean {
    const { username = 'anonymous', group = '' } = this.getRemoteCredentials()
    return username !== 'anonymous' && group !== ''
  }

  /**
   * An option of the service's section in the configuration, or of any section when the name begins with `/`.
   *
   * A value of the same type as `otherwise`: a text, number, bigint, boolean, a list of texts, or a plain object (`a:b, c`). What
   * isn't there or can't be read so is `otherwise`; without it a text, undefined when it isn't there.
   */
  getCSOption(name: string): string | undefined
  getCSOption<T extends OptionValue>(name: string, otherwise: T): WidenedOption<T>
  getCSOption(name: string, otherwise?: OptionValue): unknown {
    return configured(infoOf(this.constructor), name, otherwise)
  }

  srv_getCSOption(name: string): string | undefined
  srv_getCSOption<T extends OptionValue>(name: string, otherwise: T): WidenedOption<T>
  srv_getCSOption(name: string, otherwise?: OptionValue): unknown {
    return configured(infoOf(this.constructor), name, otherwise)
  }

  /** The same for the class, for `initializeHandler`. */
  static srv_getCSOption(name: string): string | undefined
  static srv_getCSOption<T extends OptionValue>(name: string, otherwise: T): WidenedOption<T>
  static srv_getCSOption(name: string, otherwise?: OptionValue): unknown {
    // biome-ignore lint/complexity/noThisInStatic: which service it is depends on the class it is called on
    return configured(infoOf(this), name, otherwise)
  }

  /** All options of the service's section, or of another one, as texts by their names. */
  getCSOptions(section = ''): Readonly<Record<string, string>> {
    return optionsOf(infoOf(this.constructor), section)
  }

  /** `System/Service`. */
  srv_getServiceName(): string {
    return infoOf(this.constructor)?.serviceName ?? ''
  }

  /** The path of the request. */
  srv_getURL(): string {
    return `/${this.srv_getServiceName()}`
  }

  /** Writes to the log of the running instance, under the service's name. */
  get log(): Logger {
    return new Logger(this.srv_getServiceName() || 'service')
  }
}

/**
 * What a handler may have besides its methods. A class that has none of it pays nothing for it.
 *
 * Static: `initializeHandler(info)` is called once, at the first request, which waits for it; requests that come meanwhile
 * wait too. When it fails they are answered with 500, and the next one tries again. `DEFAULT_AUTHORIZATION` is the rule of
 * methods that have none of their own. With `CHECK_ARGUMENTS = true` a call with too few or too many arguments is answered
 * with 500, as in Python; otherwise it is as JavaScript has it.
 */
export interface HandlerHooks {
  /** Called before each method, built-in ones included. What it throws is the answer: 500, or an `HTTPError`. */
  initializeRequest?(): unknown
  /** Called after the method `<name>`, with what it returned; what it returns is answered instead. */
  [finish: `finish_${string}`]: ((result: unknown) => unknown) | undefined
}

export type OptionValue = string | number | bigint | boolean | readonly string[] | Readonly<Record<string, unknown>>

/** `'a'` is any text here, `false` any boolean. */
export type WidenedOption<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends bigint
      ? bigint
      : T extends boolean
        ? boolean
        : T extends readonly string[]
          ? readonly string[]
          : Readonly<Record<string, unknown>>

/** What is known of the service that a class handles; of a class made of another one too. */
function infoOf(handlerClass: unknown): ServiceInfo | undefined {
  let at = handlerClass as object | null
  while (at !== null && typeof at === 'function') {
    const info = shared.services.get(at)
    if (info !== undefined) return info
    at = Object.getPrototypeOf(at) as object | null
  }
  return undefined
}
