import { fits, isAlgorithm, isSignedBy } from './algorithms.ts'
import type { TokenKey } from './jwks.ts'
import type { TokenReason } from './reasons.ts'
import { asObject, asText, fromBase64url } from './strict-json.ts'

/** Who makes tokens that are believed here. */
export interface TokenIssuer {
  /** The name of its entry. */
  readonly name: string
  /** For whom its tokens have to be, one of them; none: they may be for anybody. */
  readonly audiences: readonly string[]
  readonly keys: readonly TokenKey[]
}

/** What a token that is believed says. */
export interface BelievedToken {
  readonly accepted: true
  readonly subject: string
  readonly scopes: readonly string[]
  /** The last moment at which it is believed, ms since 1970. */
  readonly until: number
}

export interface RefusedToken {
  readonly accepted: false
  readonly reason: TokenReason
  /** More for the operator; never a part of the token but its issuer. */
  readonly detail?: string
  /** The name of the issuer's entry, once the token has told its issuer. */
  readonly provider?: string
}

/** Longer ones aren't looked at. */
export const longestToken = 8192
/** Milliseconds by which the clocks of issuer and node may differ. */
const leeway = 60_000
/** Seconds since 1970 beyond which no date is meant: the year 5138. */
const lastSecond = 1e11

/**
 * Whether a JSON Web Token is believed: its form, its issuer, the signature by a key of its issuer, and its claims, in this
 * order. Pure, and never throws.
 *
 * @param issuers by `iss`, which has to be the same text
 * @param at ms since 1970
 * @see RFC 7515, 7519, 8725
 */
export function checkToken(
  token: string,
  issuers: ReadonlyMap<string, TokenIssuer>,
  at: number,
): BelievedToken | RefusedToken {
  if (token.length > longestToken) return refused('too-long')
  const parts = token.split('.')
  const [head, body, tail] = parts.map(fromBase64url)
  const header = asObject(asText(head) ?? '')
  const claims = asObject(asText(body) ?? '')
  if (parts.length !== 3 || header === undefined || claims === undefined || !tail?.length) return refused('malformed')

  const { alg, kid, crit, typ } = header
  if (crit !== undefined) return refused('critical-header')
  if (!isAccessToken(typ)) return refused('unknown-type')
  if (!isAlgorithm(alg)) return refused('unknown-algorithm')
  if (kid !== undefined && typeof kid !== 'string') return refused('malformed')

  const { iss } = claims
  if (typeof iss !== 'string') return refused('claims-malformed', { detail: 'iss' })
  const issuer = issuers.get(iss)
  if (issuer === undefined) return refused('issuer-unknown', { detail: JSON.stringify(iss.slice(0, 200)) })
  const { name: provider } = issuer
  const able = issuer.keys.filter(({ algorithm, key }) => (algorithm ?? alg) === alg && fits(alg, key))
  const [meant, ...others] = kid === undefined ? able : able.filter(({ id }) => id === kid)
  if (meant === undefined) return refused('key-unknown', { provider })
  if (others.length > 0) return refused('key-ambiguous', { provider })
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1')
  if (!isSignedBy(alg, meant.key, signed, tail)) return refused('bad-signature', { provider })
  return checkClaims(claims, issuer, at)
}

function checkClaims(
  { sub, exp, nbf, iat, aud, scope, cnf }: Readonly<Record<string, unknown>>,
  { name: provider, audiences }: TokenIssuer,
  at: number,
): BelievedToken | RefusedToken {
  const wrong = (detail: string): RefusedToken => refused('claims-malformed', { provider, detail })
  if (typeof sub !== 'string' || sub === '') return wrong('sub')
  if (!isDate(exp)) return wrong('exp')
  if (nbf !== undefined && !isDate(nbf)) return wrong('nbf')
  if (iat !== undefined && !isDate(iat)) return wrong('iat')
  const begins = Math.max(nbf ?? 0, iat ?? 0)
  if (exp <= begins) return wrong('exp is before nbf or iat')
  const scopes = textsIn(scope ?? '')
  if (scopes === undefined) return wrong('scope')
  const meant = aud === undefined ? [] : typeof aud === 'string' ? [aud] : textsIn(aud)
  if (meant === undefined) return wrong('aud')
  if (cnf !== undefined) return refused('bound-to-key', { provider })

  const until = exp * 1000 + leeway
  if (at >= until) return refused('expired', { provider, detail: `at ${new Date(exp * 1000).toISOString()}` })
  if (at < begins * 1000 - leeway)
    return refused('not-yet-valid', { provider, detail: `before ${new Date(begins * 1000).toISOString()}` })
  if (audiences.length > 0 && !meant.some((one) => audiences.includes(one)))
    return refused('wrong-audience', { provider })
  return { accepted: true, subject: sub, scopes, until }
}

function refused(reason: TokenReason, more: Pick<RefusedToken, 'detail' | 'provider'> = {}): RefusedToken {
  return { accepted: false, reason, ...more }
}

/** A `typ` that says nothing else; other tokens of the same issuer, for logging out and the like, are no access tokens. */
const isAccessToken = (typ: unknown): boolean =>
  typ === undefined || (typeof typ === 'string' && /^(?:application\/)?(?:jwt|at\+jwt)$/i.test(typ))

const isDate = (claim: unknown): claim is number => typeof claim === 'number' && claim > 0 && claim < lastSecond

/** A text with blanks between its items, or a list of texts. */
function textsIn(claim: unknown): readonly string[] | undefined {
  if (typeof claim === 'string') return claim.split(' ').filter((item) => item !== '')
  return Array.isArray(claim) && claim.every((item) => typeof item === 'string') ? claim : undefined
}
