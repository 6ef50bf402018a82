import type { Certificate } from './certificate.ts'
import { type GeneralName, ipBytes, KeyUsage, understood } from './extensions.ts'
import type { Path } from './find-path.ts'
import { brokenConstraint } from './name-constraints.ts'
import { Oid } from './oid.ts'
import { Refused } from './refusal.ts'

/** What the leaf is to be used for. */
export type Purpose =
  | { readonly kind: 'client' }
  /** `hostName` is the name or address that a client connects to. */
  | { readonly kind: 'server'; readonly hostName?: string }
  /** Signs attribute certificates: any extended key usage will do. */
  | { readonly kind: 'signer' }

/** Clocks differ: a certificate made just now may seem to be of the future. Never granted at the end of a life. */
export const SKEW = 5 * 60 * 1000

/**
 * RFC 5280 6.1 on a path whose signatures hold: each check in turn, over the path from the leaf up.
 *
 * @throws {Refused}
 */
export function checkPath(path: Path, at: number, weakAlgorithms: boolean, purpose: Purpose): void {
  const { proxies, endEntity, cas } = path
  const all = [...proxies, endEntity, ...cas]
  for (const [place, certificate] of all.entries()) checkStrength(certificate, place === all.length - 1, weakAlgorithms)
  for (const [place, certificate] of all.entries()) checkValidity(certificate, place === 0, at)
  if (endEntity.subject.empty) throw new Refused('empty-subject', endEntity)
  for (const certificate of [endEntity, ...cas.slice(0, -1)]) {
    if (certificate.serial.every((byte) => byte === 0)) throw new Refused('bad-serial', certificate)
  }
  checkCas(cas)
  checkNames(endEntity, cas)
  for (const certificate of all) checkExtensions(certificate)
  if (endEntity.known.basicConstraints?.ca) {
    throw new Refused(proxies.length > 0 ? 'proxy-issued-by-ca' : 'end-entity-is-a-ca', endEntity)
  }
  checkPurpose(all, endEntity, purpose)
}

function checkStrength(certificate: Certificate, isAnchor: boolean, weakAlgorithms: boolean): void {
  const { type, bits, verdict } = certificate.strength
  // An anchor is trusted for being in the directory: its own signature says nothing.
  const digest = isAnchor ? undefined : certificate.algorithm.signature?.digest
  if (digest === 'md5' || (digest === 'sha1' && !weakAlgorithms)) throw new Refused('weak-digest', certificate, digest)
  if (verdict === 'broken' || (verdict === 'weak' && !weakAlgorithms)) {
    throw new Refused('weak-key', certificate, `${type} ${bits} bits`)
  }
}

function checkValidity(certificate: Certificate, isLeaf: boolean, at: number): void {
  const { notBefore, notAfter } = certificate
  if (at > notAfter) throw new Refused(isLeaf ? 'expired' : 'expired-issuer', certificate, `at ${iso(notAfter)}`)
  if (at + SKEW < notBefore) {
    throw new Refused(isLeaf ? 'not-yet-valid' : 'not-yet-valid-issuer', certificate, `from ${iso(notBefore)}`)
  }
}

const iso = (at: number): string => new Date(at).toISOString()

function checkCas(cas: readonly Certificate[]): void {
  // A CA certificate that renews its own name doesn't count (RFC 5280 4.2.1.9).
  let below = 0
  for (const ca of cas) {
    if (ca.version !== 3) throw new Refused('not-version-3', ca)
    const { basicConstraints, keyUsage } = ca.known
    if (!basicConstraints?.ca) throw new Refused('issuer-not-a-ca', ca)
    if (keyUsage !== undefined && !keyUsage.has(KeyUsage.keyCertSign)) throw new Refused('issuer-lacks-keyCertSign', ca)
    const { pathLength } = basicConstraints
    if (pathLength !== undefined && below > pathLength) {
      throw new Refused('ca-path-length', ca, `${below} below, ${pathLength} allowed`)
    }
    if (!ca.selfIssued) below++
  }
}

function checkNames(endEntity: Certificate, cas: readonly Certificate[]): void {
  for (const [height, ca] of cas.entries()) {
    const constraints = ca.known.nameConstraints
    if (constraints === undefined) continue
    const below = [endEntity, ...cas.slice(0, height).filter((other) => !other.selfIssued)]
    for (const certificate of below) {
      const broken = brokenConstraint(constraints, certificate)
      if (broken !== undefined) throw new Refused('name-constraints', certificate, broken)
    }
  }
}

function checkExtensions(certificate: Certificate): void {
  for (const { oid, critical } of certificate.extensions) {
    if (critical && !understood.has(oid)) throw new Refused('unknown-critical-extension', certificate, oid)
  }
  if (certificate.known.requireExplicitPolicy) throw new Refused('certificate-policy', certificate)
}

/** For each purpose: one of these usages, the extended one, and what it's called when they lack. */
const purposes = {
  client: { usages: [KeyUsage.digitalSignature], extended: Oid.clientAuth },
  server: {
    usages: [KeyUsage.digitalSignature, KeyUsage.keyEncipherment, KeyUsage.keyAgreement],
    extended: Oid.serverAuth,
  },
  signer: { usages: [KeyUsage.digitalSignature, KeyUsage.nonRepudiation], extended: undefined },
} as const

function checkPurpose(all: readonly Certificate[], endEntity: Certificate, purpose: Purpose): void {
  const leaf = all[0] as Certificate
  const { usages, extended } = purposes[purpose.kind]
  const usage = leaf.known.keyUsage
  if (usage !== undefined && !usages.some((bit) => usage.has(bit))) {
    throw new Refused(purpose.kind === 'server' ? 'ku-lacks-server-usage' : 'ku-lacks-digitalSignature', leaf)
  }
  if (extended !== undefined) {
    // Each one that names purposes narrows them, CAs and proxies too.
    const narrow = all.find(({ known: { extKeyUsage } }) =>
      extKeyUsage?.every((oid) => oid !== extended && oid !== Oid.anyExtendedKeyUsage),
    )
    if (narrow !== undefined) {
      throw new Refused(purpose.kind === 'server' ? 'eku-lacks-serverAuth' : 'eku-lacks-clientAuth', narrow)
    }
  }
  if (purpose.kind === 'server' && purpose.hostName !== undefined) checkHostName(endEntity, purpose.hostName)
}

/** RFC 6125: names from subjectAltName only, one `*` for a whole first label; addresses compared as addresses. */
function checkHostName(certificate: Certificate, hostName: string): void {
  const names = certificate.known.subjectAltNames?.filter(({ kind }) => kind === 'dns' || kind === 'ip') ?? []
  if (names.length === 0) throw new Refused('no-san', certificate)
  const address = ipBytes(hostName)
  const host = hostName.toLowerCase().replace(/\.$/, '')
  const matches = (name: GeneralName): boolean => {
    if (name.kind === 'ip') return address !== undefined && name.bytes.equals(address)
    if (name.kind !== 'dns' || address !== undefined) return false
    const pattern = name.text.toLowerCase().replace(/\.$/, '')
    if (!pattern.startsWith('*.')) return pattern === host
    return pattern.split('.').length > 2 && host.slice(host.indexOf('.') + 1) === pattern.slice(2) && host.includes('.')
  }
  if (!names.some(matches)) throw new Refused('name-mismatch', certificate, hostName)
}
