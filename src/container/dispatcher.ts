import { inject, injectable } from 'inversify'
import type { Place } from '../isolate/place.ts'
import { type Endpoint, EndpointTable, type Target } from './endpoints.ts'
import { type Reply, refuse } from './reply.ts'

/** A call as a door read it: the arguments are the JSON text that the caller sent, untouched. */
export interface Call {
  readonly method: string
  readonly args: string
}

const notHere = refuse('DHN_SERVICE_NOT_HERE', 'no service has this address')
const unauthenticated = refuse('DHN_UNAUTHENTICATED', 'Unauthorized query')

/**
 * Where a call meets its running instance.
 *
 * One look-up, a few plain fields, one callback: nothing is awaited and no promise is made here, as every call of every
 * service passes through. The order of refusals is that of DIRAC's services: state, method, caller; then comes whether there is room.
 */
@injectable()
export class Dispatcher {
  constructor(@inject(EndpointTable) private readonly endpoints: EndpointTable) {}

  /** The endpoint at this pathname; the pathname is compared as it is, never decoded. */
  find(pathname: string): Endpoint | undefined {
    return this.endpoints.find(pathname)
  }

  /** Why this endpoint takes no call of `bytes` bytes more just now: asked before its body is read, where its length is known. */
  overload(endpoint: Endpoint, bytes: number): Reply | undefined {
    return endpoint.target?.traffic.overload(bytes)
  }

  /** `done` is called exactly once. Whoever dispatches may have found `endpoint` some time ago. */
  dispatch(endpoint: Endpoint, call: Call, done: (reply: Reply) => void): void {
    const { target } = endpoint
    const { length } = call.args
    const refusal = refusalOf(target, call.method)
    if (refusal?.refused !== undefined) target?.traffic.figures.refused(refusal.refused.code)
    const refused = refusal ?? target?.traffic.overload(length)
    if (refused !== undefined) {
      done(refused)
      return
    }
    const { traffic, index, calls, service } = target as Target
    const started = performance.now()
    const noted = calls?.begin(service, call.method, started)
    traffic.enter(length)
    ;(traffic.place as Place).call({ endpoint: index, method: call.method, args: call.args }, (reply) => {
      const took = performance.now() - started
      traffic.leave(length)
      traffic.figures.answered(reply.status, took / 1000)
      if (noted !== undefined) calls?.end(noted, reply.status, took)
      done(reply)
    })
  }
}

function refusalOf(target: Target | undefined, method: string): Reply | undefined {
  if (target === undefined) return notHere
  if (target.traffic.refusal !== undefined) return target.traffic.refusal
  if (!target.methods.has(method)) return unknownMethod(method)
  // Nobody can tell who calls until the node reads client certificates: a secure service refuses everyone.
  return target.secure ? unauthenticated : undefined
}

/** The name comes from the caller: cut, so that a refusal stays short. */
function unknownMethod(method: string): Reply {
  return refuse('DHN_METHOD_UNKNOWN', `Unknown method ${method.slice(0, 100)}`)
}
