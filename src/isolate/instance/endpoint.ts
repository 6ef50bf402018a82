import { type Answer, answerFor, errorAnswer, httpErrorAnswer } from '../../rpc/answer.ts'
import { ArgumentsUndecodable, decodeArguments } from '../../rpc/decode-arguments.ts'
import { answering, Call, isFor, isRaw } from '../../service/caller.ts'
import { isHttpError } from '../../service/http-error.ts'
import type { Logger } from '../../service/logger.ts'
import type { ServiceContext, ServiceLifecycle } from '../../service/service-lifecycle.ts'
import type { PlaceEndpoint, PlaceService } from '../place.ts'
import { type ArgumentCount, argumentCount } from './argument-count.ts'
import { builtIn, learnUrl, type ServiceFacts } from './built-in.ts'
import { exportedMethods, memberOf, ownRuleOf, ruleOf } from './exported-methods.ts'
import { HandlerHooks } from './handler-hooks.ts'
import type { ServiceClass } from './load-class.ts'

type Method = (...args: unknown[]) => unknown
type Callable = Record<string, Method>

const threw = errorAnswer(500, 'The service failed to answer; its log says why')
const notInitialised = errorAnswer(500, 'The service could not be initialised; its log says why')
const undecodable = errorAnswer(500, 'The arguments are no JSON list')

/** One WSDD service with its object, or with its class for an object of each call. */
export class Endpoint {
  readonly #methods: ReadonlyMap<string, string>
  readonly #hasLifecycle: boolean
  readonly #hooks: HandlerHooks | undefined
  /** By remote name, for a class that wants its arguments counted. */
  readonly #counts: ReadonlyMap<string, ArgumentCount> | undefined
  #facts: ServiceFacts | undefined

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
    this.#hooks = HandlerHooks.of(serviceClass, object, this.#methods.keys())
    if (memberOf(object, 'CHECK_ARGUMENTS') === true) this.#counts = countsOf(object as Callable, this.#methods)
  }

  /** @throws {TypeError} a method's rule is no rule */
  describe(): PlaceEndpoint {
    const methods = Object.create(null) as Record<string, { rule: readonly string[] | undefined }>
    for (const [name, { rule }] of builtIn) methods[name] = { rule: ownRuleOf(this.object, name) ?? rule }
    for (const name of this.#methods.keys()) methods[name] = { rule: ruleOf(this.object, name) }
    const asksOrigin = this.#hooks !== undefined || (this.service.scope !== 'Application' && isHandler(this.object))
    const schemes = schemesOf(memberOf(this.object, 'DEFAULT_AUTHENTICATION'))
    const [takesVisitors, takesTokens] = [schemes.includes('VISITOR'), schemes.includes('JWT')]
    return { service: this.service.name, methods, asksOrigin, takesVisitors, takesTokens }
  }

  /**
   * Never throws and never rejects. Without a promise unless the service makes one.
   *
   * @param told what the node knows of the call, `CallFacts` as JSON text
   */
  answer(method: string, args: string, told?: string): Answer | Promise<Answer> {
    this.#facts ??= { name: this.service.name, startedAt: new Date() }
    if (this.#hooks !== undefined) return this.#answerBetweenHooks(this.#hooks, method, args, told)
    if (told === undefined) return this.#answer(method, args)
    const call = new Call(told)
    const isForShared = this.service.scope === 'Application' && this.#methods.has(method)
    if (!isForShared) return this.#answer(method, args, call, isRaw(told))
    return answering(call, () => this.#answer(method, args, call, isRaw(told)))
  }

  #answer(method: string, args: string, call?: Call, raw = false): Answer | Promise<Answer> {
    try {
      const list = decodeArguments(args)
      const value = this.#methods.has(method) ? this.#call(method, list, call) : this.#builtIn(method, list, call)
      if (!isThenable(value)) return answerFor(value, raw)
      return Promise.resolve(value)
        .then((later) => answerFor(later, raw))
        .catch((error) => this.#failed(method, error))
    } catch (error) {
      return this.#failed(method, error)
    }
  }

  #call(method: string, args: unknown[], call: Call | undefined): unknown {
    if (this.#counts !== undefined) this.#count(method, args)
    if (this.service.scope === 'Application') return this.#invoke(this.object as Callable, method, args)
    if (this.#hasLifecycle) return this.#callBetweenInitAndDestroy(method, args, call)
    return this.#invoke(this.#newObject(call), method, args)
  }

  async #callBetweenInitAndDestroy(method: string, args: unknown[], call: Call | undefined): Promise<unknown> {
    const object: Callable & Partial<ServiceLifecycle> = this.#newObject(call)
    await object.init?.(this.context)
    try {
      return await this.#invoke(object, method, args)
    } finally {
      await object.destroy?.()
    }
  }

  /** The whole of DIRAC's order: initialisation, arguments, `initializeRequest`, method, `finish_<method>`. */
  async #answerBetweenHooks(hooks: HandlerHooks, method: string, args: string, told = '{}'): Promise<Answer> {
    const call = new Call(told)
    learnUrl(this.#facts as ServiceFacts, call)
    try {
      await hooks.initialize(call)
    } catch (error) {
      this.log.error('the handler could not be initialised', error)
      return isHttpError(error) ? httpErrorAnswer(error) : notInitialised
    }
    const isShared = this.service.scope === 'Application'
    const answer = async (): Promise<Answer> => {
      try {
        const list = decodeArguments(args)
        return answerFor(
          await this.#callBetweenHooks(isShared ? this.object : this.#newObject(call), method, list, call),
          isRaw(told),
        )
      } catch (error) {
        return this.#failed(method, error)
      }
    }
    return isShared ? answering(call, answer) : answer()
  }

  async #callBetweenHooks(given: object, method: string, args: unknown[], call: Call): Promise<unknown> {
    const object = given as Callable & Partial<ServiceLifecycle>
    const isOwn = object !== this.object
    if (isOwn) await object.init?.(this.context)
    try {
      await object.initializeRequest?.()
      if (!this.#methods.has(method)) return this.#builtIn(method, args, call)
      if (this.#counts !== undefined) this.#count(method, args)
      const value = await this.#invoke(object, method, args)
      const finish = object[`finish_${method}`]
      return typeof finish === 'function' ? await finish.call(object, value) : value
    } finally {
      if (isOwn) await object.destroy?.()
    }
  }

  #newObject(call: Call | undefined): Callable {
    const object = new this.serviceClass()
    if (call !== undefined) isFor(object, call)
    return object as Callable
  }

  /** Throws what a call of no function throws, when an object lacks what the first one of its class had. */
  #invoke(object: Callable, method: string, args: unknown[]): unknown {
    return (object[this.#methods.get(method) as string] as Method)(...args)
  }

  #builtIn(method: string, args: unknown[], call: Call | undefined): unknown {
    const found = builtIn.get(method)
    if (found === undefined) throw new Error(`there is no method ${method}`)
    if (args.length !== found.takes) throw new TypeError(countText(method, found.takes, args.length))
    return found.answer(this.#facts as ServiceFacts, args, call)
  }

  #count(method: string, args: unknown[]): void {
    const { least = 0, most = Number.POSITIVE_INFINITY } = this.#counts?.get(method) ?? {}
    if (args.length < least || args.length > most)
      throw new TypeError(countText(method, args.length < least ? least : most, args.length))
  }

  #failed(method: string, error: unknown): Answer {
    if (error instanceof ArgumentsUndecodable) return undecodable
    if (isHttpError(error)) return httpErrorAnswer(error)
    this.log.error(`${method} failed`, error)
    return threw
  }
}

const countText = (method: string, takes: number, given: number): string =>
  `${method} takes ${takes} argument${takes === 1 ? '' : 's'} but ${given} ${given === 1 ? 'was' : 'were'} given`

function countsOf(object: Callable, methods: ReadonlyMap<string, string>): ReadonlyMap<string, ArgumentCount> {
  return new Map([...methods].map(([method, property]) => [method, argumentCount(object[property] as Method)]))
}

/** How callers are authenticated, in DIRAC's words; a class that says nothing takes visitors too. */
function schemesOf(said: unknown = ['SSL', 'JWT', 'VISITOR']): readonly string[] {
  const list = typeof said === 'string' ? said.split(',') : said
  if (!Array.isArray(list) || list.some((one) => typeof one !== 'string'))
    throw new TypeError('DEFAULT_AUTHENTICATION must be a list of texts or a text with commas')
  return list.map((one: string) => one.trim().toUpperCase())
}

/** Whether it has what `RequestHandler` gives; of another copy of the SDK too. */
const isHandler = (object: object): boolean => 'srv_getRemoteAddress' in object

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
