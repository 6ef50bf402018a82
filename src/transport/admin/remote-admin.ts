import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { inject, injectable } from 'inversify'
import { Authorization } from '../../container/authorization.ts'
import type { Decision } from '../../security/authorization/decision.ts'
import { Callers } from '../callers.ts'
import { TransportConfiguration } from '../configuration.ts'
import { AdminApps } from './admin-apps.ts'
import type { Administrator } from './admin-caller.ts'
import { AdministratorRefused, AdministratorUnknown, NotAdministrator } from './admin-errors.ts'
import { refuseWebPages } from './web-page-guard.ts'

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
    this.handler = apps.guardedBy((request, response) => this.#admit(request, response))
  }

  #admit(request: IncomingMessage, response: ServerResponse): Administrator {
    refuseWebPages(request, this.configuration.host)
    const administrator = this.#administrator(request)
    const looking = setInterval(() => this.#cutIfNoMore(request, response), interval).unref()
    response.once('close', () => clearInterval(looking))
    // An archive is asked for when it is known that it will be taken.
    if (request.headers.expect !== undefined) response.writeContinue()
    return administrator
  }

  #administrator({ socket }: IncomingMessage): Administrator {
    const from = this.callers.of(socket)
    const peer = from.peer ?? ''
    if ('refused' in from) throw new AdministratorRefused(from.refused.refused?.message ?? '')
    const { administrators, registry } = this.authorization.snapshot
    const decision: Decision = administrators.decide(from.caller)
    const { DN: dn, username, group } = decision.credentials
    if (dn === undefined) throw new AdministratorUnknown()
    if (!decision.accepted) throw new NotAdministrator(dn, decision.reason)
    const vo = group === undefined ? '' : registry.voOf(group)
    return { via: 'https', peer, dn, ...(username && { username }), ...(group && { group }), ...(vo && { vo }) }
  }

  #cutIfNoMore(request: IncomingMessage, response: ServerResponse): void {
    try {
      this.#administrator(request)
    } catch {
      response.destroy()
    }
  }
}
