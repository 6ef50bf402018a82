import { type Reply, refuse } from '../container/reply.ts'
import { refusals } from '../security/reasons.ts'
import type { Refusal } from '../security/refusal.ts'

/** Reasons that are about this node and what it trusts, not about the caller's certificates. */
const ownChecks = new Set(['signing policy', 'revocation'])

/** A resumed TLS session. The node offers none, so nobody who means well comes with one. */
export const sessionReused = told('a resumed session shows no certificates; connect anew')
/** Something is amiss on this side. */
export const unjudged = told('it could not be judged')

/** What the owner of a refused certificate may know: what is wrong with it, and nothing of what is trusted here. */
export function toldOf({ reason, check }: Refusal): Reply {
  if (reason === 'revoked' || reason === 'revoked-issuer') return told(refusals[reason].text)
  return ownChecks.has(check) ? told('it can not be verified here') : told(refusals[reason].text)
}

function told(why: string): Reply {
  return refuse('DHN_CERTIFICATE_REFUSED', `Unauthorized query: the client certificate is refused: ${why}`)
}
