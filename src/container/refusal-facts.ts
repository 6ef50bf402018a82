import type { Caller } from '../security/authorization/caller.ts'
import type { CallRefused } from '../security/authorization/decision.ts'
import type { Registry } from '../security/authorization/registry.ts'
import type { Origin } from './origin.ts'
import type { RefusalNote, RefusedCredential } from './refusals.ts'

/** What a caller showed; undefined without a certificate. */
export function credentialOf(from: Origin): RefusedCredential | undefined {
  if ('refused' in from) return from.credential
  const { chain, rights, proxy, group, memberships } = from.caller
  if (chain === undefined) return undefined
  const notAfter = new Date(chain.notAfter).toISOString()
  const fqans = memberships.flatMap((one) => one.fqans)
  const accepted = {
    rights,
    proxy,
    notAfter,
    ...(group !== undefined && { group }),
    ...(fqans.length > 0 && { fqans }),
  }
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

/** The VO that a caller acts in: that of his group, else the first that speaks for him; undefined when none does. */
export function voOf({ memberships }: Caller, group: string | undefined, registry: Registry): string | undefined {
  const ofGroup = group === undefined ? '' : registry.voOf(group)
  return ofGroup === '' ? memberships[0]?.vo : ofGroup
}
