import { anonymous, type Caller } from '../security/authorization/caller.ts'
import type { TransportProtection } from '../security/authorization/descriptor-rules.ts'
import type { RefusedCredential } from './refusals.ts'
import type { Reply } from './reply.ts'

/**
 * Where a call comes from, as its door knows it. Who showed a certificate or a token that is refused isn't anonymous: each
 * of his calls gets the refusal, at every service.
 */
export type Origin = Known | Refused

interface Known {
  readonly caller: Caller
  readonly protection: TransportProtection
  /** The network address, for logs. */
  readonly peer?: string
}

interface Refused {
  readonly refused: Reply
  readonly peer?: string
  /** For the operator alone. */
  readonly credential?: RefusedCredential
}

/** A call of which nothing is known. */
export const nowhere: Origin = { caller: anonymous, protection: { integrity: false, privacy: false } }
