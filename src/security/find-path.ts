import type { Certificate } from './certificate.ts'
import { proxyKind } from './proxy.ts'
import { Refused } from './refusal.ts'
import type { TrustStore } from './trust-store.ts'

/** The certificates of a chain in their roles. Every signature between them holds. */
export interface Path {
  /** From the leaf up; empty when the leaf is the end entity. */
  readonly proxies: readonly Certificate[]
  readonly endEntity: Certificate
  /** From the end entity's issuer up; the last one is the trust anchor. */
  readonly cas: readonly Certificate[]
}

const MAX_PATH = 20
/** Signature checks are what costs: a caller who sends twenty certificates of one name gets this many. */
const MAX_SIGNATURES = 60
const MAX_PATHS = 8

/**
 * The ways to lead a chain to a trust anchor, as few as one and at most eight: CAs may share a name, and be there under
 * an old and a new certificate. Anchors are the self-signed certificates of the trust store; a chain brings none.
 * Certificates that lead nowhere are ignored, and so is the order of those after the first.
 *
 * @throws {Refused} there is no way; the reason is the one of the way that led highest
 */
export function findPaths(chain: readonly Certificate[], trust: TrustStore): readonly Path[] {
  const leaf = chain[0] as Certificate
  const sent = withoutTwins(chain).slice(1)
  const budget = new SignatureBudget()
  const proxies: Certificate[] = []
  let current = leaf
  while (proxyKind(current) !== undefined) {
    const issuer = issuerOfProxy(
      current,
      sent.filter((other) => !proxies.includes(other) && other !== current),
    )
    proxies.push(current)
    current = issuer
  }
  return caPaths(current, proxies)

  function issuerOfProxy(proxy: Certificate, others: readonly Certificate[]): Certificate {
    checkForm(proxy)
    const named = others.filter((other) => other.subject.equals(proxy.issuer))
    // A user certificate that was renewed with its key may be there twice: the one that lives longest speaks.
    const issuer = named.filter((other) => budget.signed(proxy, other)).sort((a, b) => b.notAfter - a.notAfter)[0]
    if (issuer !== undefined) return issuer
    if (trust.named(proxy.issuer).some((ca) => budget.signed(proxy, ca))) throw new Refused('proxy-issued-by-ca', proxy)
    throw new Refused(named.length > 0 ? 'bad-signature' : 'incomplete-chain', proxy)
  }

  function caPaths(endEntity: Certificate, below: readonly Certificate[]): readonly Path[] {
    const paths: Path[] = []
    let deadEnd: { readonly depth: number; readonly refused: Refused } | undefined
    const meet = (depth: number, refused: Refused): void => {
      if (deadEnd === undefined || depth > deadEnd.depth) deadEnd = { depth, refused }
    }
    const climb = (cas: readonly Certificate[]): void => {
      const current = cas.at(-1) ?? endEntity
      if (paths.length >= MAX_PATHS) return
      if (cas.length > 0 && trust.trusts(current) && current.selfSigned) {
        paths.push({ proxies: below, endEntity, cas })
        return
      }
      if (below.length + cas.length + 2 > MAX_PATH) throw new Refused('path-too-complex', current)
      checkForm(current)
      let found = false
      for (const issuer of issuersOf(current)) {
        if (issuer.fingerprint === current.fingerprint || cas.includes(issuer) || !budget.signed(current, issuer))
          continue
        if (issuer.known.basicConstraints?.ca) {
          found = true
          climb([...cas, issuer])
        } else {
          const likeProxy = cas.length === 0 && current.subject.commonNameUnder(issuer.subject) !== undefined
          meet(cas.length, new Refused(likeProxy ? 'not-a-proxy-and-issuer-not-a-ca' : 'issuer-not-a-ca', current))
        }
      }
      if (!found) meet(cas.length, noIssuer(current, cas.length === 0, below.length > 0))
    }
    climb([])
    if (paths.length === 0) throw deadEnd?.refused ?? new Refused('untrusted-issuer', endEntity)
    return paths
  }

  function issuersOf(certificate: Certificate): readonly Certificate[] {
    const trusted = trust.named(certificate.issuer)
    const others = sent.filter((other) => other.subject.equals(certificate.issuer) && !trust.trusts(other))
    // The end entity is no issuer of CAs, and the leaf was taken out of `sent`.
    return [...trusted, ...others]
  }

  /** Why nothing signed a certificate: somebody else with the right name, or nobody at all. */
  function noIssuer(certificate: Certificate, isEndEntity: boolean, hasProxies: boolean): Refused {
    const sameName = trust.named(certificate.issuer).filter((ca) => ca.fingerprint !== certificate.fingerprint)
    if (isEndEntity && certificate.selfIssued) {
      const isCa = certificate.known.basicConstraints?.ca && trust.trusts(certificate)
      if (isCa) return new Refused(hasProxies ? 'proxy-issued-by-ca' : 'end-entity-is-a-ca', certificate)
      return new Refused(hasProxies ? 'untrusted-issuer-same-name' : 'self-signed-same-name', certificate)
    }
    if (sameName.length > 0) {
      const wanted = certificate.known.authorityKeyIdentifier?.keyIdentifier
      const keyIsKnown =
        wanted !== undefined && sameName.some((ca) => ca.known.subjectKeyIdentifier?.equals(wanted) ?? false)
      return new Refused(keyIsKnown ? 'bad-signature' : 'untrusted-issuer-same-name', certificate)
    }
    if (certificate.selfIssued) return new Refused('untrusted-issuer', certificate)
    const named = sent.some((other) => other !== certificate && other.subject.equals(certificate.issuer))
    if (named) return new Refused('bad-signature', certificate)
    // A link is missing when some trusted CA could have issued it; otherwise nobody here answers for the issuer.
    const couldBe = trust.certificates.some((ca) => mayIssue(ca, certificate))
    return new Refused(couldBe ? 'incomplete-chain' : 'untrusted-issuer', certificate)
  }

  function mayIssue(ca: Certificate, certificate: Certificate): boolean {
    const { signing, namespaces } = trust.policiesOf(ca)
    const policies = [...signing, ...namespaces]
    return (
      policies.length > 0 && policies.every(({ policy }) => policy?.allows(ca.subject, certificate.issuer) ?? false)
    )
  }
}

/** What is asked of a certificate before its issuer is looked for. */
function checkForm(certificate: Certificate): void {
  if (certificate.version !== 3) throw new Refused('not-version-3', certificate)
  if (certificate.algorithm.signature === undefined) {
    throw new Refused('unknown-signature-algorithm', certificate, certificate.algorithm.oid)
  }
}

function withoutTwins(chain: readonly Certificate[]): readonly Certificate[] {
  return chain.filter((one, at) => chain.findIndex((other) => other.der.equals(one.der)) === at)
}

class SignatureBudget {
  #left = MAX_SIGNATURES
  readonly #known = new Map<Certificate, Map<Certificate, boolean>>()

  signed(certificate: Certificate, issuer: Certificate): boolean {
    const known = this.#known.get(certificate) ?? new Map<Certificate, boolean>()
    this.#known.set(certificate, known)
    const earlier = known.get(issuer)
    if (earlier !== undefined) return earlier
    if (this.#left-- === 0) throw new Refused('path-too-complex', certificate)
    const answer = certificate.isSignedBy(issuer)
    known.set(issuer, answer)
    return answer
  }
}
