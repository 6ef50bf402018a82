import type { Caller } from './caller.ts'
import type { CallAccepted } from './decision.ts'
import type { Registry } from './registry.ts'

/** What a service learns of its caller, in DIRAC's words: plain JSON. */
export type CredentialDictionary = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * The credential dictionary of an accepted call, its keys in DIRAC's order and without `x509Chain`.
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
  const { chain, proxy, rights } = caller
  const acting = group === undefined ? {} : { group }
  const known = { ...acting, ...(username === undefined ? {} : { username }) }
  const extra = extraCredentials === undefined ? {} : { extraCredentials }
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
  }
}
