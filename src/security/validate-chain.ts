import { Certificate } from './certificate.ts'
import { checkPath, type Purpose } from './check-path.ts'
import { checkRevocation, checkSigningPolicies } from './check-trust.ts'
import { CertificateUnreadable } from './errors.ts'
import { findPaths, type Path } from './find-path.ts'
import type { Name } from './name.ts'
import { oneLine } from './name-text.ts'
import { Oid } from './oid.ts'
import { checkProxies, diracGroupOf, type ProxyRights } from './proxy.ts'
import { asRefusal, type CertificateName, nameOf, type Refusal, Refused } from './refusal.ts'
import type { TrustStore } from './trust-store.ts'

export interface ValidationOptions {
  /** ms since 1970. */
  readonly at: number
  /** Whether proxies of GT2 and of the RFC's draft may call. Default: no. */
  readonly legacyProxies?: boolean
  /** Whether SHA-1 signatures, RSA keys from 1024 bits and EC keys from 192 bits may do. Default: no. MD5 never does. */
  readonly weakAlgorithms?: boolean
  /** What a CA without revocation list means: refusal (the default), or a warning. */
  readonly crls?: 'require' | 'if-present'
  /** Default: a TLS client. */
  readonly purpose?: Purpose
}

/** Whom a chain that was accepted stands for. */
export interface Acceptance {
  readonly verdict: 'accept' | 'accept-limited' | 'accept-norights'
  readonly reason: AcceptanceReason
  /** The subject of the end entity, never of a proxy; `identity.key` is the key for maps and policies. */
  readonly identity: Name
  /** `identity` in the escaped one-line form. */
  readonly identityText: string
  readonly endEntity: Certificate
  /** Absent without proxies. */
  readonly proxy?: ProxyRights
  /** The path that holds, from the leaf to the trust anchor. */
  readonly path: Path
  /** The earliest end of life in the path, ms since 1970: the chain says nothing after it. */
  readonly notAfter: number
  readonly diracGroup?: string
  readonly warnings: readonly Warning[]
}

type AcceptanceReason =
  | 'end-entity'
  | 'host'
  | 'proxy'
  | 'proxy-of-host'
  | 'limited'
  | 'independent'
  | 'unknown-policy-language'

/** Something an operator should hear of that refuses nobody. */
interface Warning {
  readonly reason: 'crl-missing'
  readonly certificate: CertificateName
}

const MAX_CERTIFICATES = 20
const MAX_CHAIN = 64 * 1024
const MAX_CERTIFICATE = 16 * 1024

/**
 * Says whom a certificate chain stands for, or why it is refused.
 *
 * The checks and their order are those of docs/security.md: limits and form of everything sent; roles and signatures up
 * to a trust anchor; RFC 5280; RFC 3820; signing policies and namespaces; revocation. The first that fails gives the one
 * reason. Where there are several ways to an anchor one that holds is enough. That the caller has the key of the first
 * certificate is for TLS to prove.
 *
 * @param chain DER of each certificate as sent, the caller's own first
 */
export function validateChain(
  chain: readonly Buffer[],
  trust: TrustStore,
  options: ValidationOptions,
): Acceptance | Refusal {
  let certificates: readonly Certificate[] = []
  try {
    certificates = readChain(chain)
    return accept(certificates, trust, options)
  } catch (refused) {
    if (refused instanceof Refused) return asRefusal(refused, certificates)
    throw refused
  }
}

function readChain(chain: readonly Buffer[]): readonly Certificate[] {
  if (chain.length === 0) throw new Refused('no-certificate')
  if (chain.length > MAX_CERTIFICATES) throw new Refused('too-many-certificates', undefined, `${chain.length}`)
  const large = chain.findIndex((der) => der.length > MAX_CERTIFICATE)
  if (large !== -1) throw new Refused('certificate-too-large', undefined, undefined, large)
  if (chain.reduce((sum, { length }) => sum + length, 0) > MAX_CHAIN) throw new Refused('chain-too-large')
  return chain.map((der, index) => {
    try {
      return new Certificate(der)
    } catch (cause) {
      if (!(cause instanceof CertificateUnreadable)) throw cause
      throw new Refused(cause.reason, undefined, cause.problem, index)
    }
  })
}

function accept(chain: readonly Certificate[], trust: TrustStore, options: ValidationOptions): Acceptance {
  let first: Refused | undefined
  for (const path of findPaths(chain, trust)) {
    try {
      return acceptPath(path, trust, options)
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused
      first ??= refused
    }
  }
  throw first as Refused
}

function acceptPath(path: Path, trust: TrustStore, options: ValidationOptions): Acceptance {
  const { at, legacyProxies = false, weakAlgorithms = false, crls = 'require', purpose = { kind: 'client' } } = options
  const { proxies, endEntity, cas } = path
  checkPath(path, at, weakAlgorithms, purpose)
  const proxy = proxies.length === 0 ? undefined : checkProxies(proxies, endEntity, { legacyProxies })
  const issued = [endEntity, ...cas]
  checkSigningPolicies(issued, trust)
  const revocation = { at, crls, weakAlgorithms, firstIsLeaf: proxies.length === 0 }
  const missing = checkRevocation(issued, trust, revocation)
  const diracGroup = diracGroupOf(proxies)
  return {
    ...verdictOf(endEntity, proxy),
    identity: endEntity.subject,
    identityText: oneLine(endEntity.subject),
    endEntity,
    ...(proxy === undefined ? {} : { proxy }),
    path,
    notAfter: Math.min(...[...proxies, ...issued].map(({ notAfter }) => notAfter)),
    ...(diracGroup === undefined ? {} : { diracGroup }),
    warnings: missing.map((ca) => ({ reason: 'crl-missing', certificate: nameOf(ca) })),
  }
}

function verdictOf(
  endEntity: Certificate,
  proxy: ProxyRights | undefined,
): { verdict: Acceptance['verdict']; reason: AcceptanceReason } {
  if (proxy?.norights !== undefined) return { verdict: 'accept-norights', reason: proxy.norights }
  if (proxy?.limited) return { verdict: 'accept-limited', reason: 'limited' }
  const host = isHost(endEntity)
  if (proxy === undefined) return { verdict: 'accept', reason: host ? 'host' : 'end-entity' }
  return { verdict: 'accept', reason: host ? 'proxy-of-host' : 'proxy' }
}

/** Whether an end entity is a host rather than a person: it may serve, or it is named like a machine. */
export function isHost({ known }: Certificate): boolean {
  if (known.extKeyUsage !== undefined) return known.extKeyUsage.includes(Oid.serverAuth)
  const names = known.subjectAltNames ?? []
  return names.some(({ kind }) => kind === 'dns') && !names.some(({ kind }) => kind === 'email')
}
