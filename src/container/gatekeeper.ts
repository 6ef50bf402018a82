import { inject, injectable } from 'inversify'
import type { AuditWho } from '../audit/audit-entry.ts'
import { jdecode } from '../rpc/jencode/decode.ts'
import type { Caller } from '../security/authorization/caller.ts'
import { credentialDictionary } from '../security/authorization/credential-dictionary.ts'
import type { CallAccepted, CallCredentials, CallRefused } from '../security/authorization/decision.ts'
import { Authorization } from './authorization.ts'
import type { Call } from './dispatcher.ts'
import type { Target } from './endpoints.ts'
import { NodeLog } from './node-log.ts'
import { Occasional } from './occasional.ts'
import { nowhere, type Origin } from './origin.ts'
import { credentialOf, ruleOf, voOf } from './refusal-facts.ts'
import { Refusals } from './refusals.ts'
import { type Reply, refuse } from './reply.ts'

/** Callers learn no more than this: why, and which rule, is in the node's log. */
const refusals = {
  DHN_UNAUTHENTICATED: refuse('DHN_UNAUTHENTICATED', 'Unauthorized query'),
  DHN_NOT_AUTHORIZED: refuse('DHN_NOT_AUTHORIZED', 'Unauthorized query'),
}

type RuleRefusal = Pick<CallRefused, 'rule' | 'place' | 'step' | 'reason' | 'credentials'>

const notRegistered: RuleRefusal = {
  rule: '',
  place: { kind: 'missing', where: 'the service has not registered yet' },
  step: 'no-rule',
  reason: 'a secure service answers nobody before its rules are known',
  credentials: { properties: [] },
}

/**
 * Lets calls in or refuses them, by who calls. What was decided for a caller is remembered, so a call costs a few look-ups;
 * a call that nobody known makes to an open service costs none.
 */
@injectable()
export class Gatekeeper {
  readonly #texts = new WeakMap<CallAccepted, { readonly second: number; readonly text: string }>()
  readonly #told = new WeakSet<CallRefused>()
  readonly #occasional = new Occasional(20)

  constructor(
    @inject(Authorization) private readonly authorization: Authorization,
    @inject(Refusals) private readonly refusals: Refusals,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** Why the call is refused; else its caller as the service will see him, as JSON text; undefined when nobody is known. */
  admit(target: Target, call: Call): Reply | string | undefined {
    const { method, extraCredentials, from = nowhere } = call
    if ('refused' in from) return this.refused(target, method, from, from.refused)
    const { caller, protection } = from
    const { rules } = target
    if (caller.token !== undefined && target.takesTokens !== true)
      return this.refused(target, method, from, refusals.DHN_UNAUTHENTICATED)
    if (rules === undefined) {
      // Without rules a secure service hasn't registered yet, or something is amiss: nobody may call it.
      if (target.secure) return this.refused(target, method, from, refusals.DHN_UNAUTHENTICATED, notRegistered)
      if (caller.name === undefined) return undefined
      return this.#textOf(caller, this.authorization.snapshot.visitor(caller, decoded(extraCredentials)))
    }
    if (target.secure && caller.name === undefined && target.takesVisitors === false)
      return this.refused(target, method, from, refusals.DHN_UNAUTHENTICATED)
    const decision = rules.current.decide(method, caller, protection, decoded(extraCredentials))
    if (decision.accepted) return this.#textOf(caller, decision)
    this.#tell(target, method, decision, from.peer)
    return this.refused(target, method, from, refusals[decision.code], decision)
  }

  /** The answer to a call that is refused, for whatever reason, with the id by which the operator finds why. */
  refused({ service }: Target, method: string | undefined, from: Origin, reply: Reply, decision?: RuleRefusal): Reply {
    return this.#refused('call', method === undefined ? service : `${service}.${method}`, from, reply, decision)
  }

  /** The same for a request that is no call as it should be; `what` is such as `GET /Samples/Echo`. */
  refusedRequest(what: string, from: Origin, reply: Reply): Reply {
    return this.#refused('request', what, from, reply)
  }

  #refused(kind: 'call' | 'request', what: string, from: Origin, reply: Reply, decision?: RuleRefusal): Reply {
    const { code = 'DHN_SERVICE_NOT_HERE', message = '' } = reply.refused ?? {}
    const credential = credentialOf(from)
    const { peer } = from
    const request = this.refusals.noted({
      kind,
      code,
      told: message,
      what,
      who: this.#whoIs(from, decision?.credentials),
      ...(peer !== undefined && { from: peer }),
      ...(credential !== undefined && { credential }),
      ...(decision !== undefined && { rule: ruleOf(decision) }),
    })
    return { ...reply, request }
  }

  /** Made once a second: it says how long the caller's chain will live. */
  #textOf(caller: Caller, accepted: CallAccepted): string {
    const now = Date.now()
    const second = Math.floor(now / 1000)
    const made = this.#texts.get(accepted)
    if (made !== undefined && made.second === second) return made.text
    const text = JSON.stringify(credentialDictionary(caller, accepted, this.authorization.snapshot.registry, now))
    this.#texts.set(accepted, { second, text })
    return text
  }

  #whoIs(from: Origin, { DN, username, group }: Partial<CallCredentials> = {}): AuditWho {
    if ('refused' in from) {
      const claimed = from.credential?.certificates[0]?.subject
      return { via: 'https', ...(claimed !== undefined && { claimed }) }
    }
    const { caller, protection } = from
    const dn = DN ?? caller.name?.text
    const vo = voOf(caller, group, this.authorization.snapshot.registry)
    return {
      via: protection.privacy ? 'https' : 'http',
      ...(dn !== undefined && { dn }),
      ...(username !== undefined && { username }),
      ...(group !== undefined && { group }),
      ...(vo !== undefined && { vo }),
    }
  }

  /** Each decision once, as what is remembered is refused again and again. */
  #tell({ service }: Target, method: string, refused: CallRefused, peer: string | undefined): void {
    if (this.#told.has(refused)) return
    this.#told.add(refused)
    const { step, reason, rule, place, credentials } = refused
    this.#occasional.tell((untold) => {
      const facts = { service, method, step, reason, rule, place, credentials, peer, ...(untold > 0 && { untold }) }
      this.log.warn(facts, 'a call was refused')
    })
  }
}

/** `null` for what is no JSON: a caller who is known is refused with it. */
function decoded(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return jdecode(text)
  } catch {
    return null
  }
}
