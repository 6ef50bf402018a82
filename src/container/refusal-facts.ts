import type { CallRefused } from '../security/authorization/decision.ts'
import type { Origin } from './origin.ts'
import type { RefusalNote, RefusedCredential } from './refusals.ts'

/** What a caller showed; undefined without a certificate. */
export function credentialOf(from: Origin): RefusedCredential | undefined {
  if ('refused' in from) return from.credential
  const { chain, rights, proxy, group } = from.caller
  if (chain === undefined) return undefined
  const notAfter = new Date(chain.notAfter).toISOString()
  const accepted = { rights, proxy, notAfter, ...(group !== undefined && { group }) }
  return { certificates: chain.certificates, accepted }
}

/** The rule that refused, where it stands, and the question that was failed. */
export function ruleOf({
  rule,
  place,
  step,
  reason,
}: Pick<CallRefused, 'rule' | 'place' | 'step' | 'reason'>): NonNullable<RefusalNote['rule']> {
  return { text: rule, place, step, reason }
}
