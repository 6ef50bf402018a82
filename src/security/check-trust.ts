import type { Certificate } from './certificate.ts'
import { SKEW } from './check-path.ts'
import type { Crl } from './crl.ts'
import { KeyUsage } from './extensions.ts'
import { Refused } from './refusal.ts'
import type { TrustStore } from './trust-store.ts'

/**
 * Whether the signing policies of each CA let it name what it named: `.signing_policy` and `.namespaces`, whichever
 * are there, and both when both are. A CA with neither may name nobody.
 *
 * @param issued from the end entity up to the anchor, which needs no leave from itself
 * @throws {Refused}
 */
export function checkSigningPolicies(issued: readonly Certificate[], trust: TrustStore): void {
  for (const [at, ca] of issued.slice(1).entries()) {
    const certificate = issued[at] as Certificate
    const { signing, namespaces } = trust.policiesOf(ca)
    if (signing.length + namespaces.length === 0) throw new Refused('signing-policy-missing', certificate)
    for (const { file, policy } of signing) {
      if (policy === undefined) throw new Refused('signing-policy-unreadable', certificate, file)
      if (!policy.allows(ca.subject, certificate.subject)) throw new Refused('signing-policy', certificate, file)
    }
    for (const { file, policy } of namespaces) {
      if (policy === undefined) throw new Refused('namespaces-unreadable', certificate, file)
      if (!policy.allows(ca.subject, certificate.subject)) throw new Refused('namespaces', certificate, file)
    }
  }
}

/**
 * Whether nothing in the path is revoked, by the newest list that each CA's own key signed.
 *
 * @param issued from the end entity up to the anchor
 * @returns the CAs without a list, when that's allowed
 * @throws {Refused}
 */
export function checkRevocation(
  issued: readonly Certificate[],
  trust: TrustStore,
  options: {
    readonly at: number
    readonly crls: 'require' | 'if-present'
    readonly weakAlgorithms: boolean
    /** Whether the first of `issued` is what the caller showed, not an issuer of it. */
    readonly firstIsLeaf: boolean
  },
): readonly Certificate[] {
  const missing: Certificate[] = []
  for (const [place, ca] of issued.slice(1).entries()) {
    const certificate = issued[place] as Certificate
    const crl = crlOf(ca, certificate, trust)
    if (crl === undefined) {
      if (options.crls === 'require') throw new Refused('crl-missing', certificate)
      missing.push(ca)
      continue
    }
    checkCrl(crl, ca, certificate, options)
    if (crl.revokes(certificate.serial)) {
      throw new Refused(place === 0 && options.firstIsLeaf ? 'revoked' : 'revoked-issuer', certificate)
    }
  }
  return missing
}

/** The newest list that `ca` signed. Of CAs with one name each has its own. */
function crlOf(ca: Certificate, certificate: Certificate, trust: TrustStore): Crl | undefined {
  const named = trust.crlsNamed(ca.subject)
  const signed = named.filter((crl) => crl.isSignedBy(ca)).sort((a, b) => b.thisUpdate - a.thisUpdate)
  if (signed[0] !== undefined) return signed[0]
  const others = trust.named(ca.subject).filter((other) => other.fingerprint !== ca.fingerprint)
  const forged = named.filter((crl) => !others.some((other) => crl.isSignedBy(other)))
  if (forged.length > 0) throw new Refused('crl-bad-signature', certificate)
  return undefined
}

function checkCrl(
  crl: Crl,
  ca: Certificate,
  certificate: Certificate,
  { at, weakAlgorithms }: { readonly at: number; readonly weakAlgorithms: boolean },
): void {
  const usage = ca.known.keyUsage
  const digest = crl.algorithm.signature?.digest
  if (usage !== undefined && !usage.has(KeyUsage.crlSign)) throw new Refused('crl-issuer-lacks-cRLSign', certificate)
  if (digest === 'md5' || (digest === 'sha1' && !weakAlgorithms)) throw new Refused('crl-weak-digest', certificate)
  if (crl.unsupported !== undefined) throw new Refused('crl-unsupported', certificate, crl.unsupported)
  if (at + SKEW < crl.thisUpdate) throw new Refused('crl-not-yet-valid', certificate)
  if (crl.nextUpdate === undefined || at > crl.nextUpdate + SKEW) throw new Refused('crl-expired', certificate)
}
