import { inject, injectable } from 'inversify'
import { jdecode } from '../rpc/jencode/decode.ts'
import type { Caller } from '../security/authorization/caller.ts'
import { credentialDictionary } from '../security/authorization/credential-dictionary.ts'
import type { CallAccepted, CallCredentials, CallRefused } from '../security/authorization/decision.ts'
import { AuditTrail } from './audit-trail.ts'
import { Authorization } from './authorization.ts'
import type { Call } from './dispatcher.ts'
import type { Target } from './endpoints.ts'
import { NodeLog } from './node-log.ts'
import { Occasional } from './occasional.ts'
import { nowhere, type Origin } from './origin.ts'
import { type RefusalCode, type Reply, refuse } from './reply.ts'

/** Callers learn no more than this: why, and which rule, is in the node's log. */
const refusals = {
  DHN_UNAUTHENTICATED: refuse('DHN_UNAUTHENTICATED', 'Unauthorized query'),
  DHN_NOT_AUTHORIZED: refuse('DHN_NOT_AUTHORIZED', 'Unauthorized query'),
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
    @inject(AuditTrail) private readonly audit: AuditTrail,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** Why the call is refused; else its caller as the service will see him, as JSON text; undefined when nobody is known. */
  admit(target: Target, { method, extraCredentials, from = nowhere }: Call): Reply | string | undefined {
    if ('refused' in from) {
      this.#audit(target, method, from, 'DHN_CERTIFICATE_REFUSED')
      return from.refused
    }
    const { caller, protection } = from
    const { rules } = target
    if (rules === undefined) {
      // Without rules a secure service hasn't registered yet, or something is amiss: nobody may call it.
      if (target.secure) {
        this.#audit(target, method, from, 'DHN_UNAUTHENTICATED')
        return refusals.DHN_UNAUTHENTICATED
      }
      if (caller.name === undefined) return undefined
      return this.#textOf(caller, this.authorization.snapshot.visitor(caller, decoded(extraCredentials)))
    }
    if (target.secure && caller.name === undefined && target.takesVisitors === false)
      return refusals.DHN_UNAUTHENTICATED
    const decision = rules.current.decide(method, caller, protection, decoded(extraCredentials))
    if (decision.accepted) return this.#textOf(caller, decision)
    this.#tell(target, method, decision, from.peer)
    this.#audit(target, method, from, decision.code, decision.credentials)
    return refusals[decision.code]
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

  #audit(
    { service }: Target,
    method: string,
    { peer, ...origin }: Origin,
    code: RefusalCode,
    { DN, username, group }: Partial<CallCredentials> = {},
  ): void {
    const what = `${service}.${method}`
    this.audit.refused(`call\n${what}\n${code}\n${peer}\n${DN}\n${group}`, () => {
      const isSecure = 'refused' in origin || origin.protection.privacy
      const vo = group === undefined ? '' : this.authorization.snapshot.registry.voOf(group)
      return {
        kind: 'call',
        who: {
          via: isSecure ? 'https' : 'http',
          ...(DN !== undefined && { dn: DN }),
          ...(username !== undefined && { username }),
          ...(group !== undefined && { group }),
          ...(vo !== '' && { vo }),
        },
        what,
        ...(peer !== undefined && { from: peer }),
        outcome: 'refused',
        code,
      }
    })
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
