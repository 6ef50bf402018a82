import type { Certificate } from './certificate.ts'
import { KeyUsage } from './extensions.ts'
import { Oid } from './oid.ts'
import { Refused } from './refusal.ts'

/** The three generations of proxy certificates: RFC 3820, its Globus draft, and GT2's with nothing but a name. */
export type ProxyKind = 'rfc' | 'draft' | 'legacy'

/** What the proxies of a chain leave of the user's rights. */
export interface ProxyRights {
  readonly kind: ProxyKind
  /** Some proxy is limited: the caller may talk and read, but not start code. */
  readonly limited: boolean
  /** A proxy inherits nothing: independent, or of a policy language that isn't known here. */
  readonly norights?: 'independent' | 'unknown-policy-language'
}

/** Which kind of proxy a certificate is by its looks; undefined when it isn't one. */
export function proxyKind({ known, subject, issuer }: Certificate): ProxyKind | undefined {
  if (known.proxyCertInfo !== undefined) return known.proxyCertInfo.draft ? 'draft' : 'rfc'
  const last = subject.commonNameUnder(issuer)
  return last === 'proxy' || last === 'limited proxy' ? 'legacy' : undefined
}

/**
 * The rules of RFC 3820 on the proxies of a path whose signatures hold.
 *
 * @param proxies from the leaf up to the one the end entity issued; at least one
 * @throws {Refused}
 */
export function checkProxies(
  proxies: readonly Certificate[],
  endEntity: Certificate,
  { legacyProxies }: { readonly legacyProxies: boolean },
): ProxyRights {
  const kinds = proxies.map((proxy) => proxyKind(proxy) as ProxyKind)
  const kind = kinds.at(-1) as ProxyKind
  const mixed = kinds.findLastIndex((other) => other !== kind)
  if (mixed !== -1) throw new Refused('mixed-proxy-types', proxies[mixed])
  let limited = false
  let norights: ProxyRights['norights']
  // From the end entity down, in the order they were issued.
  for (let at = proxies.length - 1; at >= 0; at--) {
    const proxy = proxies[at] as Certificate
    checkProxy(proxy, proxies[at + 1] ?? endEntity, at)
    const policy = policyOf(proxy, kind)
    if (limited && policy === 'inherits') {
      throw new Refused(kind === 'legacy' ? 'legacy-off-or-limited-is-sticky' : 'limited-is-sticky', proxy)
    }
    if (policy === 'limited') limited = true
    else if (policy !== 'inherits') norights ??= policy
  }
  if (kind !== 'rfc' && !legacyProxies) {
    throw new Refused(kind === 'draft' ? 'draft-off-by-default' : 'legacy-off-by-default', proxies.at(-1))
  }
  return { kind, limited, ...(norights === undefined ? {} : { norights }) }
}

/** @param below how many proxies stand below this one */
function checkProxy(proxy: Certificate, issuer: Certificate, below: number): void {
  const { proxyCertInfo, basicConstraints, keyUsage } = proxy.known
  if (proxy.subject.commonNameUnder(issuer.subject) === undefined) {
    throw new Refused('subject-not-issuer-plus-cn', proxy)
  }
  const oid = proxyCertInfo?.draft ? Oid.draftProxyCertInfo : Oid.proxyCertInfo
  if (proxyCertInfo !== undefined && !proxy.extensions.find((extension) => extension.oid === oid)?.critical) {
    throw new Refused('pci-not-critical', proxy)
  }
  if (basicConstraints?.ca) throw new Refused('proxy-is-ca', proxy)
  if (keyUsage?.has(KeyUsage.keyCertSign)) throw new Refused('proxy-has-keyCertSign', proxy)
  if (proxy.known.subjectAltNames !== undefined) throw new Refused('proxy-has-san', proxy)
  if (proxy.known.hasIssuerAltName) throw new Refused('proxy-has-ian', proxy)
  if (proxyCertInfo?.pathLength !== undefined && below > proxyCertInfo.pathLength) {
    throw new Refused('proxy-path-length', proxy, `${below} below, ${proxyCertInfo.pathLength} allowed`)
  }
  if (proxyCertInfo?.hasPolicy && noPolicyText.has(proxyCertInfo.language)) {
    throw new Refused('policy-field-not-allowed', proxy)
  }
  const usage = issuer.known.keyUsage
  if (usage !== undefined && !usage.has(KeyUsage.digitalSignature)) {
    throw new Refused('issuer-lacks-digitalSignature', issuer)
  }
}

const noPolicyText = new Set<string>([Oid.inheritAll, Oid.independent])

function policyOf(
  { known, subject }: Certificate,
  kind: ProxyKind,
): 'inherits' | 'limited' | 'independent' | 'unknown-policy-language' {
  if (kind === 'legacy') return subject.rdns.at(-1)?.[0]?.value === 'limited proxy' ? 'limited' : 'inherits'
  switch (known.proxyCertInfo?.language) {
    case Oid.inheritAll:
      return 'inherits'
    case Oid.limited:
      return 'limited'
    case Oid.independent:
      return 'independent'
    default:
      return 'unknown-policy-language'
  }
}

/**
 * The DIRAC group that the proxies carry: the proxy nearest to the user certificate that has the extension decides,
 * so that nobody who was handed a proxy can change it.
 *
 * @param proxies from the leaf up
 */
export function diracGroupOf(proxies: readonly Certificate[]): string | undefined {
  return proxies.findLast(({ known }) => known.diracGroup !== undefined)?.known.diracGroup
}
