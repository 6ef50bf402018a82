import { inject, injectable } from 'inversify'
import type { Place } from '../isolate/place.ts'
import { callFacts } from '../service/caller.ts'
import { type Endpoint, EndpointTable, type Target } from './endpoints.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { nowhere, type Origin } from './origin.ts'
import { type Reply, refuse } from './reply.ts'

/** A call as a door read it: the arguments are the JSON text that the caller sent, untouched. */
export interface Call {
  readonly method: string
  readonly args: string
  /** As sent: JSON text. */
  readonly extraCredentials?: string | undefined
  /** The answer is wanted as it is, without JSON around it. */
  readonly rawContent?: boolean
  /** Of `CallFacts`, for a target that asks for it: JSON text without its braces. */
  readonly origin?: string | undefined
  /** Absent: nobody that is known, over nothing that protects. */
  readonly from?: Origin
}

/** Characters of a method's name that are told: it comes from the caller. */
const longestMethod = 100
/** What is told where nothing is. */
export const notHere = refuse('DHN_SERVICE_NOT_HERE', 'no service has this address')

/**
 * Where a call meets its running instance.
 *
 * One look-up, a few plain fields, one callback: nothing is awaited and no promise is made here, as every call of every
 * service passes through. The order of refusals is that of DIRAC's services: state, method, caller; then comes whether there is room.
 */
@injectable()
export class Dispatcher {
  constructor(
    @inject(EndpointTable) private readonly endpoints: EndpointTable,
    @inject(Gatekeeper) private readonly gatekeeper: Gatekeeper,
  ) {}

  /** The endpoint at this pathname; the pathname is compared as it is, never decoded. */
  find(pathname: string): Endpoint | undefined {
    return this.endpoints.find(pathname)
  }

  /** Why this endpoint takes no call of `bytes` bytes more just now: asked before its body is read, where its length is known. */
  overload(endpoint: Endpoint, bytes: number): Reply | undefined {
    const { target } = endpoint
    const reply = target?.traffic.overload(bytes)
    return target && reply && this.gatekeeper.refused(target, undefined, nowhere, reply)
  }

  /** The answer to a request that is no call of a service as it should be, with the id by which the operator finds why. */
  refused(what: string, from: Origin, reply: Reply): Reply {
    return this.gatekeeper.refusedRequest(what, from, reply)
  }

  /** `done` is called exactly once. Whoever dispatches may have found `endpoint` some time ago. */
  dispatch(endpoint: Endpoint, call: Call, done: (reply: Reply) => void): void {
    const { target } = endpoint
    if (target === undefined) {
      done(this.gatekeeper.refusedRequest(`POST ${endpoint.path}`, call.from ?? nowhere, notHere))
      return
    }
    const { traffic, index, calls, service } = target
    const { method, args, origin, rawContent = false } = call
    const { length } = args
    const admitted = this.#refusalOf(target, call) ?? this.gatekeeper.admit(target, call)
    if (typeof admitted === 'object') {
      if (admitted.refused !== undefined) traffic.figures.refused(admitted.refused.code)
      done(admitted)
      return
    }
    const overload = traffic.overload(length)
    if (overload !== undefined) {
      done(this.gatekeeper.refused(target, method, call.from ?? nowhere, overload))
      return
    }
    const told = callFacts(admitted, origin, rawContent)
    const started = performance.now()
    const noted = calls?.begin(service, method, started)
    traffic.enter(length)
    const placeCall = told === undefined ? { endpoint: index, method, args } : { endpoint: index, method, args, told }
    ;(traffic.place as Place).call(placeCall, (reply) => {
      const took = performance.now() - started
      if (reply.stream === undefined) traffic.leave(length)
      else reply.stream.body.once('close', () => traffic.leave(length))
      traffic.figures.answered(reply.status, took / 1000)
      if (noted !== undefined) calls?.end(noted, reply.status, took)
      done(reply)
    })
  }

  #refusalOf(target: Target, { method, from = nowhere }: Call): Reply | undefined {
    const { traffic, methods } = target
    const reply = traffic.refusal ?? (methods.has(method) ? undefined : unknownMethod(method))
    return reply && this.gatekeeper.refused(target, method.slice(0, longestMethod), from, reply)
  }
}

function unknownMethod(method: string): Reply {
  return refuse('DHN_METHOD_UNKNOWN', `Unknown method ${method.slice(0, longestMethod)}`)
}
