import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuditWho } from '../../audit/audit-entry.ts'
import type { RefusalNote, RefusedCredential } from '../../container/refusals.ts'
import type { DhnError } from '../../service/errors.ts'

/** Who asks something of the admin API, and whether he may. */
export interface Admission {
  readonly who: AuditWho
  /** The network address. */
  readonly from?: string
  /** Why not. */
  readonly refused?: DhnError
  /** What the operator may know of it. */
  readonly credential?: RefusedCredential
  readonly rule?: RefusalNote['rule']
}

/** Says so of each request, before anything else is done with it. */
export type Admit = (request: IncomingMessage, response: ServerResponse) => Admission
