import { Certificate } from './certificate.ts'
import type { Purpose } from './check-path.ts'
import { type Credential, keyFits } from './credential-file.ts'
import { CertificateUnreadable } from './errors.ts'
import { ipText } from './extensions.ts'
import { oneLine, rfc2253 } from './name-text.ts'
import { type ProxyRights, proxyKind } from './proxy.ts'
import { refusals } from './reasons.ts'
import { nameOf, type Refusal } from './refusal.ts'
import type { TrustStore } from './trust-store.ts'
import { type Acceptance, isHost, type ValidationOptions, validateChain } from './validate-chain.ts'
import { type VomsOptions, type VomsResult, vomsAttributes } from './voms.ts'

/** What `dhn cert show` prints: the verdict on a credential file, and every certificate in it. */
export interface CredentialReport {
  readonly verdict: 'accept' | 'accept-limited' | 'accept-norights' | 'reject'
  readonly reason: string
  /** The end entity's name in one-line form; null when the credential is refused. */
  readonly identity: string | null
  readonly identityRfc2253: string | null
  /** The check that refused, and what it says. */
  readonly check?: string
  readonly message?: string
  /** When the whole chain ends. */
  readonly notAfter?: string
  readonly proxy?: ProxyRights
  readonly diracGroup?: string
  readonly voms?: VomsResult
  readonly warnings: readonly string[]
  readonly certificates: readonly CertificateReport[]
}

export interface CertificateReport {
  readonly role: 'proxy' | 'end entity' | 'CA' | 'trust anchor' | 'not used' | 'unreadable' | 'host'
  readonly from: 'file' | 'trust'
  readonly subject?: string
  readonly issuer?: string
  readonly serial?: string
  readonly notBefore?: string
  readonly notAfter?: string
  readonly key?: string
  readonly signature?: string
  readonly alternativeNames?: readonly string[]
  readonly fingerprint?: string
  /** The check that this certificate failed. */
  readonly failed?: { readonly check: string; readonly reason: string; readonly message: string }
}

export interface DescribeOptions extends ValidationOptions {
  readonly purpose?: Purpose
  readonly voms?: Pick<VomsOptions, 'directory' | 'hostNames'>
}

/** Judges a credential: its key first, then its chain, then what VOMS says. */
export function describeCredential(
  credential: Credential,
  trust: TrustStore,
  options: DescribeOptions,
): CredentialReport {
  const verdict = keyMismatch(credential) ?? validateChain(credential.chain, trust, options)
  if (verdict.verdict === 'reject') {
    const { reason, check, message } = verdict
    const certificates = refusedCertificates(credential, trust, verdict)
    return {
      verdict: 'reject',
      reason,
      identity: null,
      identityRfc2253: null,
      check,
      message,
      warnings: [],
      certificates,
    }
  }
  const voms = options.voms === undefined ? undefined : vomsAttributes(verdict, trust, { ...options, ...options.voms })
  return {
    verdict: verdict.verdict,
    reason: vomsReason(verdict, voms) ?? verdict.reason,
    identity: verdict.identityText,
    identityRfc2253: rfc2253(verdict.identity),
    notAfter: iso(verdict.notAfter),
    ...(verdict.proxy === undefined ? {} : { proxy: verdict.proxy }),
    ...(verdict.diracGroup === undefined ? {} : { diracGroup: verdict.diracGroup }),
    ...(voms === undefined ? {} : { voms }),
    warnings: [
      ...verdict.warnings.map(({ reason, certificate }) => `${certificate.subject}: ${refusals[reason].text}`),
      ...(voms?.warnings.map(({ message }) => message) ?? []),
    ],
    certificates: acceptedCertificates(credential, verdict),
  }
}

function keyMismatch({ chain, key }: Credential): Refusal | undefined {
  if (key === undefined || chain.length === 0) return undefined
  try {
    const first = new Certificate(chain[0] as Buffer)
    if (keyFits(key, first)) return undefined
    const { check, text } = refusals['key-mismatch']
    const certificate = nameOf(first)
    return {
      verdict: 'reject',
      reason: 'key-mismatch',
      check,
      certificate,
      index: 0,
      message: `${certificate.subject}: ${text}`,
    }
  } catch (cause) {
    // What can't be read is refused by the check of the chain, with its reason.
    if (cause instanceof CertificateUnreadable) return undefined
    throw cause
  }
}

/** `voms:/vo,/vo/group;ga:name` or `voms:none(why)`; undefined when there's no word of a VO. */
function vomsReason({ proxy }: Acceptance, voms: VomsResult | undefined): string | undefined {
  if (voms === undefined || proxy?.norights !== undefined) return undefined
  const { memberships, warnings } = voms
  if (memberships.length > 0) {
    const generic = memberships.flatMap((one) => one.generic.map(({ name }) => name))
    const suffix = generic.length === 0 ? '' : `;ga:${generic.join(',')}`
    return `voms:${memberships.flatMap(({ fqans }) => fqans).join(',')}${suffix}`
  }
  return warnings[0] === undefined ? undefined : `voms:none(${warnings[0].reason})`
}

function acceptedCertificates({ chain }: Credential, { path, endEntity }: Acceptance): CertificateReport[] {
  const sent = new Set(chain.map((der) => new Certificate(der).fingerprint))
  const from = (certificate: Certificate): 'file' | 'trust' => (sent.has(certificate.fingerprint) ? 'file' : 'trust')
  const used = [...path.proxies, endEntity, ...path.cas]
  const fingerprints = new Set(used.map(({ fingerprint }) => fingerprint))
  const unused = chain.map((der) => new Certificate(der)).filter(({ fingerprint }) => !fingerprints.has(fingerprint))
  return [
    ...path.proxies.map((one) => describe(one, 'proxy', 'file')),
    describe(endEntity, isHost(endEntity) ? 'host' : 'end entity', 'file'),
    ...path.cas.map((one, at) => describe(one, at === path.cas.length - 1 ? 'trust anchor' : 'CA', from(one))),
    ...unused.map((one) => describe(one, 'not used', 'file')),
  ]
}

function refusedCertificates({ chain }: Credential, trust: TrustStore, refusal: Refusal): CertificateReport[] {
  const { check, reason, message, certificate, index } = refusal
  const failed = { check, reason, message }
  const reports = chain.map((der, at): CertificateReport => {
    try {
      const one = new Certificate(der)
      const role = proxyKind(one) !== undefined ? 'proxy' : one.known.basicConstraints?.ca ? 'CA' : 'end entity'
      return { ...describe(one, role, 'file'), ...(at === index ? { failed } : {}) }
    } catch (cause) {
      if (!(cause instanceof CertificateUnreadable)) throw cause
      return {
        role: 'unreadable',
        from: 'file',
        failed: { check: 'form', reason: cause.reason, message: cause.message },
      }
    }
  })
  if (index !== undefined || certificate === undefined) return reports
  const trusted = trust.certificates.filter((ca) => {
    const { subject, issuer, serial } = nameOf(ca)
    return subject === certificate.subject && issuer === certificate.issuer && serial === certificate.serial
  })
  return [...reports, ...trusted.map((ca) => ({ ...describe(ca, 'CA', 'trust'), failed }))]
}

function describe(
  certificate: Certificate,
  role: CertificateReport['role'],
  from: 'file' | 'trust',
): CertificateReport {
  const { type, bits, verdict } = certificate.strength
  const names = certificate.known.subjectAltNames?.flatMap((name) =>
    name.kind === 'ip' ? [ipText(name.bytes)] : 'text' in name ? [name.text] : [],
  )
  return {
    role,
    from,
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    serial: certificate.serialText,
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    key: `${type} ${bits}${verdict === 'good' ? '' : ` (${verdict})`}`,
    signature:
      certificate.algorithm.signature?.digest ?? certificate.algorithm.signature?.keyType ?? certificate.algorithm.oid,
    ...(names === undefined || names.length === 0 ? {} : { alternativeNames: names }),
    fingerprint: certificate.fingerprint,
  }
}

const iso = (at: number): string => new Date(at).toISOString()
