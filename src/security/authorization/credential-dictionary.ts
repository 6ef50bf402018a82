import type { VoMembership } from '../voms.ts'
import type { Caller } from './caller.ts'
import type { CallAccepted } from './decision.ts'
import type { Registry } from './registry.ts'

/** What a service learns of its caller, in DIRAC's words: plain JSON. */
export type CredentialDictionary = Readonly<Record<string, string | number | boolean | readonly (string | object)[]>>

/**
 * The credential dictionary of an accepted call, its keys in DIRAC's order and without `x509Chain`. Whoever showed VOMS
 * attributes has two keys more: `FQANs`, the primary one first, and `VOMSAttributes` with `name`, `value`, `qualifier` and
 * `VO` of each generic one.
 *
 * @param now ms since 1970, for `secondsLeft`
 * @see dirac-https.md 6
 */
export function credentialDictionary(
  caller: Caller,
  { credentials }: Pick<CallAccepted, 'credentials'>,
  registry: Registry,
  now: number,
): CredentialDictionary {
  const { DN, group, username, properties, extraCredentials } = credentials
  const { chain, memberships, proxy, rights, token } = caller
  const acting = group === undefined ? {} : { group }
  const known = { ...acting, ...(username === undefined ? {} : { username }) }
  const extra = extraCredentials === undefined ? {} : { extraCredentials }
  if (token !== undefined && DN !== undefined) return { ID: token.id, DN, properties, ...known }
  if (chain === undefined || caller.name === undefined) return { ...extra, properties, ...known }
  return {
    subject: chain.subject,
    issuer: chain.issuer,
    secondsLeft: Math.max(0, Math.floor((chain.notAfter - now) / 1000)),
    isProxy: proxy,
    isLimitedProxy: rights === 'limited',
    validDN: false,
    validGroup: false,
    DN: DN ?? caller.name.text,
    ...(proxy ? { identity: caller.name.text, ...acting, VO: group === undefined ? '' : registry.voOf(group) } : {}),
    ...extra,
    properties,
    ...known,
    ...vomsOf(memberships),
  }
}

function vomsOf(memberships: readonly VoMembership[]): CredentialDictionary {
  const attributes = memberships.flatMap(({ vo, generic }) => generic.map((one) => ({ ...one, VO: vo })))
  return {
    ...(memberships.length === 0 ? {} : { FQANs: memberships.flatMap(({ fqans }) => fqans) }),
    ...(attributes.length === 0 ? {} : { VOMSAttributes: attributes }),
  }
}
