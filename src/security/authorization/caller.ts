import { NameUnreadable } from '../errors.ts'
import type { Name, Rdn } from '../name.ts'
import { oneLine, readName, textKey, unescapedOneLine } from '../name-text.ts'
import { Oid } from '../oid.ts'
import { type CertificateName, nameOf } from '../refusal.ts'
import type { Acceptance } from '../validate-chain.ts'
import type { VoMembership } from '../voms.ts'

/** A distinguished name as rules need it. */
export interface CallerName {
  /** `textKey` of the parsed name: what registries and grid-maps are searched by. Undefined: no name, found nowhere. */
  readonly key: string | undefined
  /** As services and logs see it; decides nothing. */
  readonly text: string
}

/**
 * Who calls, as far as the connection or a token tells, before any rule was asked. Made once for each connection, or for
 * each token.
 *
 * `rights`: a limited proxy may call, but not start code; a proxy that inherits nothing (`none`) is somebody, with the
 * rights of a visitor.
 */
export interface Caller {
  /** Undefined: nobody that is known, as there was no certificate. */
  readonly name: CallerName | undefined
  readonly proxy: boolean
  readonly rights: 'full' | 'limited' | 'none'
  /** The DIRAC group that the chain carries. */
  readonly group: string | undefined
  /** What VOMS servers say of the caller, checked. Services learn of it; no rule of the node asks for it. */
  readonly memberships: readonly VoMembership[]
  /** What else the credential dictionary says of the chain; undefined without a certificate. */
  readonly chain: ChainFacts | undefined
  /** Of who has shown a token instead of a certificate. */
  readonly token?: {
    /** By which its issuer knows him: `sub`. */
    readonly id: string
  }
}

interface ChainFacts {
  readonly subject: string
  readonly issuer: string
  /** Of the path that was accepted, the caller's own first. */
  readonly certificates: readonly CertificateName[]
  /** When the chain ends, ms since 1970. */
  readonly notAfter: number
}

export const anonymous: Caller = {
  name: undefined,
  proxy: false,
  rights: 'full',
  group: undefined,
  memberships: [],
  chain: undefined,
}

/** The caller whom an accepted chain stands for. */
export function callerOf(
  { identity, proxy, path, notAfter, diracGroup }: Acceptance,
  memberships: readonly VoMembership[] = [],
): Caller {
  const leaf = path.proxies[0] ?? path.endEntity
  const certificates = [...path.proxies, path.endEntity, ...path.cas].map(nameOf)
  return {
    name: { key: textKey(identity), text: shownName(identity) },
    proxy: proxy !== undefined,
    rights: proxy?.norights !== undefined ? 'none' : proxy?.limited === true ? 'limited' : 'full',
    group: diracGroup,
    memberships,
    chain: { subject: shownName(leaf.subject), issuer: shownName(leaf.issuer), certificates, notAfter },
  }
}

/**
 * The caller whom a token stands for, under DIRAC's name for him, `/O=DIRAC/CN=<sub>`; undefined for a subject that could
 * be read as another name than that.
 *
 * @param group that the token is for
 */
export function byToken(subject: string, group: string | undefined): Caller | undefined {
  // As OpenID Connect has subjects: ASCII, not more than 255 characters.
  if (!/^[!-~](?:[ -~]{0,253}[!-~])?$/.test(subject)) return undefined
  const key = textKey([...readName('/O=DIRAC'), [{ type: Oid.commonName, value: subject }]])
  const text = `/O=DIRAC/CN=${subject}`
  const read = readNameOrNothing(text)
  if (read === undefined || textKey(read) !== key) return undefined
  return { ...anonymous, name: { key, text }, group, token: { id: subject } }
}

/**
 * A name as DIRAC shows it, when that reads as this name and no other; else with escapes. `CN=host/x.org` stays as it
 * is, and a value that holds `/CN=Alice` doesn't look like Alice to a service.
 */
function shownName(name: Name): string {
  const plain = unescapedOneLine(name)
  const read = readNameOrNothing(plain)
  return read !== undefined && textKey(read) === textKey(name) ? plain : oneLine(name)
}

/** A name that came as text, from a host that may speak for others. */
export function namedInText(text: string): CallerName {
  const read = readNameOrNothing(text.trim())
  return { key: read && textKey(read), text }
}

function readNameOrNothing(text: string): readonly Rdn[] | undefined {
  try {
    return readName(text)
  } catch (error) {
    if (error instanceof NameUnreadable) return undefined
    throw error
  }
}
