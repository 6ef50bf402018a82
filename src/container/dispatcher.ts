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
 * service passes through. The order of refusals is that of DIRAC's services: state, method, caller.
 */
@injectable()
export class Dispatcher {
  constructor(@inject(EndpointTable) private readonly endpoints: EndpointTable) {}

  /** The endpoint at this pathname; the pathname is compared as it is, never decoded. */
  find(pathname: string): Endpoint | undefined {
    return this.endpoints.find(pathname)
  }

  /** `done` is called exactly once. Whoever dispatches may have found `endpoint` some time ago. */
  dispatch(endpoint: Endpoint, call: Call, done: (reply: Reply) => void): void {
    const { target } = endpoint
    const refusal = refusalOf(target, call.method)
    if (refusal !== undefined) {
      done(refusal)
      return
    }
    const { traffic, index, calls, service } = target as Target
    const noted = calls?.begin(service, call.method)
    traffic.enter()
    ;(traffic.place as Place).call({ endpoint: index, method: call.method, args: call.args }, (reply) => {
      traffic.leave()
      if (noted !== undefined) calls?.end(noted, reply.status)
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
