import type { Call } from '../../service/caller.ts'
import { type ServiceInfo, shared } from '../../service/runtime.ts'
import type { ServiceClass } from './load-class.ts'

interface Hooked {
  readonly initializeHandler?: (info: ServiceInfo) => unknown
  readonly CHECK_ARGUMENTS?: unknown
}

/**
 * What a class asks for besides its methods, in DIRAC's words: to be told of the first request, of each request, of what
 * each method returned.
 */
export class HandlerHooks {
  #initializing: Promise<void> | undefined
  #initialized = false

  /** Undefined for a class that asks for nothing of it. */
  static of(serviceClass: ServiceClass, object: object, methods: Iterable<string>): HandlerHooks | undefined {
    const hooks = new HandlerHooks(serviceClass)
    const finishes = [...methods].some((method) => isFunction(object, `finish_${method}`))
    const asks = hooks.#hooked.initializeHandler !== undefined || isFunction(object, 'initializeRequest') || finishes
    return asks ? hooks : undefined
  }

  private constructor(private readonly serviceClass: ServiceClass) {}

  get #hooked(): Hooked {
    return this.serviceClass as Hooked
  }

  /**
   * Waits for the first request's initialisation, whose one try all wait for who come meanwhile; a try that failed is
   * followed by another one with the next request.
   *
   * @throws whatever `initializeHandler` throws
   */
  async initialize(call: Call | undefined): Promise<void> {
    if (this.#initialized) return
    this.#initializing ??= this.#initialize(call).finally(() => {
      this.#initializing = undefined
    })
    await this.#initializing
  }

  async #initialize(call: Call | undefined): Promise<void> {
    const known = shared.services.get(this.serviceClass) as ServiceInfo
    const info = { ...known, URL: `${call?.base ?? ''}/${known.serviceName}` }
    shared.services.set(this.serviceClass, info)
    await this.#hooked.initializeHandler?.({ ...info })
    this.#initialized = true
  }
}

function isFunction(object: object, name: string): boolean {
  return typeof (object as Record<string, unknown>)[name] === 'function'
}
