import { type Answer, answerFor, errorAnswer } from '../../rpc/answer.ts'
import { ArgumentsUndecodable, decodeArguments } from '../../rpc/decode-arguments.ts'
import { callingAs, type RemoteCredentials } from '../../service/caller.ts'
import type { Logger } from '../../service/logger.ts'
import type { ServiceContext, ServiceLifecycle } from '../../service/service-lifecycle.ts'
import type { PlaceEndpoint, PlaceService } from '../place.ts'
import { builtIn } from './built-in.ts'
import { exportedMethods, ruleOf } from './exported-methods.ts'
import type { ServiceClass } from './load-class.ts'

type Method = (...args: unknown[]) => unknown
type Callable = Record<string, Method>

const threw = errorAnswer(500, 'The service failed to answer; its log says why')
const undecodable = errorAnswer(500, 'The arguments are no JSON list')

/** One WSDD service with its object, or with its class for an object of each call. */
export class Endpoint {
  readonly #methods: ReadonlyMap<string, string>
  readonly #hasLifecycle: boolean

  constructor(
    private readonly service: PlaceService,
    private readonly serviceClass: ServiceClass,
    /** Answers itself with the scope Application; otherwise it only shows what the objects of its class are like. */
    private readonly object: object,
    private readonly context: ServiceContext,
    private readonly log: Logger,
  ) {
    this.#methods = exportedMethods(object, service.allowedMethods)
    const { init, destroy } = object as Partial<ServiceLifecycle>
    this.#hasLifecycle = typeof init === 'function' || typeof destroy === 'function'
  }

  /** @throws {TypeError} a method's rule is no rule */
  describe(): PlaceEndpoint {
    const methods = Object.create(null) as Record<string, { rule: readonly string[] | undefined }>
    for (const [name, { rule }] of builtIn) methods[name] = { rule }
    for (const name of this.#methods.keys()) methods[name] = { rule: ruleOf(this.object, name) }
    return { service: this.service.name, methods }
  }

  /**
   * Never throws and never rejects. Without a promise unless the service makes one.
   *
   * @param caller the credential dictionary as JSON text, when the node knows who calls
   */
  answer(method: string, args: string, caller?: string): Answer | Promise<Answer> {
    if (caller === undefined) return this.#answer(method, args)
    return callingAs(JSON.parse(caller) as RemoteCredentials, () => this.#answer(method, args))
  }

  #answer(method: string, args: string): Answer | Promise<Answer> {
    try {
      const list = decodeArguments(args)
      const property = this.#methods.get(method)
      const value = property === undefined ? this.#builtIn(method, list) : this.#call(property, list)
      if (!isThenable(value)) return answerFor(value)
      return Promise.resolve(value)
        .then(answerFor)
        .catch((error) => this.#failed(method, error))
    } catch (error) {
      return this.#failed(method, error)
    }
  }

  #call(property: string, args: unknown[]): unknown {
    if (this.service.scope === 'Application') return invoke(this.object as Callable, property, args)
    if (this.#hasLifecycle) return this.#callBetweenInitAndDestroy(property, args)
    return invoke(new this.serviceClass() as Callable, property, args)
  }

  async #callBetweenInitAndDestroy(property: string, args: unknown[]): Promise<unknown> {
    const object = new this.serviceClass() as Callable & Partial<ServiceLifecycle>
    await object.init?.(this.context)
    try {
      return await invoke(object, property, args)
    } finally {
      await object.destroy?.()
    }
  }

  #builtIn(method: string, args: unknown[]): unknown {
    const found = builtIn.get(method)
    if (found === undefined) throw new Error(`there is no method ${method}`)
    return found.answer(this.service.name, args)
  }

  #failed(method: string, error: unknown): Answer {
    if (error instanceof ArgumentsUndecodable) return undecodable
    this.log.error(`${method} failed`, error)
    return threw
  }
}

/** Throws what a call of no function throws, when an object lacks what the first one of its class had. */
function invoke(object: Callable, property: string, args: unknown[]): unknown {
  return (object[property] as Method)(...args)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
