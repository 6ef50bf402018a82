import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { inject, injectable } from 'inversify'
import type { AuditWho } from '../../audit/audit-entry.ts'
import { Authorization } from '../../container/authorization.ts'
import { credentialOf, ruleOf, voOf } from '../../container/refusal-facts.ts'
import type { DhnError } from '../../service/errors.ts'
import { Callers } from '../callers.ts'
import { TransportConfiguration } from '../configuration.ts'
import { isTls } from '../is-tls.ts'
import { AdminApps } from './admin-apps.ts'
import { AdministratorRefused, AdministratorUnknown, NotAdministrator } from './admin-errors.ts'
import type { Admission } from './admission.ts'
import { refusalOfWebPage } from './web-page-guard.ts'

/** How often it is looked whether one who follows something may still do so, in milliseconds. */
const interval = 2000

/** The admin API at the doors, for administrators with their certificates. */
@injectable()
export class RemoteAdmin {
  readonly handler: RequestListener

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(Callers) private readonly callers: Callers,
    @inject(Authorization) private readonly authorization: Authorization,
    @inject(AdminApps) apps: AdminApps,
  ) {
    this.handler = apps.guardedBy((request, response) => this.#admit(request, response), false)
  }

  #admit(request: IncomingMessage, response: ServerResponse): Admission {
    const admission = this.#ofCaller(request)
    const refused = refusalOfWebPage(request, this.configuration.host)
    if (refused !== undefined) {
      // Whatever is to be said of the caller, this is not his doing.
      const { rule: _, ...asked } = admission
      return { ...asked, refused }
    }
    if (admission.refused !== undefined) return admission
    const looking = setInterval(() => {
      if (this.#ofCaller(request).refused !== undefined) response.destroy()
    }, interval).unref()
    response.once('close', () => clearInterval(looking))
    // An archive is asked for when it is known that it will be taken.
    if (request.headers.expect !== undefined) response.writeContinue()
    return admission
  }

  #ofCaller(request: IncomingMessage): Admission {
    const origin = this.callers.ofRequest(request)
    const from = origin.peer ?? ''
    const via = isTls(request.socket) ? 'https' : 'http'
    const credential = credentialOf(origin)
    const refusal = (who: Omit<AuditWho, 'via'>, refused: DhnError): Admission => ({
      who: { via, ...who },
      from,
      refused,
      ...(credential && { credential }),
    })
    // A front that is known by its address alone can be anybody on that machine.
    if (via === 'http') return refusal({}, new AdministratorUnknown())
    if ('refused' in origin) {
      if (origin.refused.refused?.code !== 'DHN_CERTIFICATE_REFUSED') return refusal({}, new AdministratorUnknown())
      const claimed = credential?.certificates[0]?.subject
      return refusal({ ...(claimed && { claimed }) }, new AdministratorRefused(origin.refused.refused?.message ?? ''))
    }
    if (origin.caller.token !== undefined) {
      const { text: dn } = origin.caller.name ?? {}
      return refusal({ ...(dn && { dn }) }, new AdministratorUnknown())
    }
    const { administrators, registry } = this.authorization.snapshot
    const decision = administrators.decide(origin.caller)
    const { DN: dn, username, group } = decision.credentials
    if (!decision.accepted) {
      const refused = dn === undefined ? new AdministratorUnknown() : new NotAdministrator(dn, decision.reason)
      return { ...refusal({ ...(dn && { dn }) }, refused), rule: ruleOf(decision) }
    }
    const vo = voOf(origin.caller, group, registry)
    return {
      who: { via, ...(dn && { dn }), ...(username && { username }), ...(group && { group }), ...(vo && { vo }) },
      from,
    }
  }
}
