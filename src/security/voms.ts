import { AttributeCertificate, attributeCertificatesIn, type GenericAttribute } from './attribute-certificate.ts'
import type { Certificate } from './certificate.ts'
import { SKEW } from './check-path.ts'
import { AttributeCertificateUnreadable } from './errors.ts'
import { ipBytes } from './extensions.ts'
import { textKey } from './name-text.ts'
import { Oid } from './oid.ts'
import type { TrustStore } from './trust-store.ts'
import { type Acceptance, type ValidationOptions, validateChain } from './validate-chain.ts'
import type { VomsDirectory } from './voms-directory.ts'

/** Why an attribute certificate gives no attributes. It never refuses the caller. */
type AttributeRefusal =
  | 'ac-unreadable'
  | 'ac-unknown-critical-extension'
  | 'ac-weak-digest'
  | 'ac-bad-signature'
  | 'no-lsc-for-vo'
  | 'no-lsc-for-host'
  | 'signer-unknown'
  | 'signer-not-in-lsc'
  | 'signer-untrusted'
  | 'ac-expired'
  | 'ac-not-yet-valid'
  | 'holder-mismatch'
  | 'ac-targeted-elsewhere'
  | 'no-attributes'
  | 'fqan-malformed'
  | 'fqan-outside-vo'

/** What one VO says of the caller, checked. */
export interface VoMembership {
  readonly vo: string
  /** Groups and roles in the VO's order, the first one primary; `Role=NULL` and `Capability=NULL` are left out. */
  readonly fqans: readonly string[]
  readonly generic: readonly GenericAttribute[]
  /** ms since 1970; the attributes end here even when the chain lives on. */
  readonly notAfter: number
}

export interface VomsResult {
  readonly memberships: readonly VoMembership[]
  readonly warnings: readonly { readonly reason: AttributeRefusal; readonly vo?: string; readonly message: string }[]
}

export interface VomsOptions extends Omit<ValidationOptions, 'purpose'> {
  readonly directory: VomsDirectory
  /** The names and addresses of this host that an attribute certificate may be targeted at. */
  readonly hostNames: readonly string[]
}

/** More than this in one proxy is no caller's need. */
const MAX_CERTIFICATES = 10

/**
 * The VO memberships that an accepted chain carries. The attribute certificates of the proxy nearest to the leaf that
 * has any count, those of the others are ignored. Each is checked by itself: one that fails gives a warning.
 */
export function vomsAttributes(accepted: Acceptance, trust: TrustStore, options: VomsOptions): VomsResult {
  const carrier = accepted.path.proxies
    .flatMap(({ extensions }) => extensions)
    .find(({ oid }) => oid === Oid.vomsAttributeCertificates)
  const memberships: VoMembership[] = []
  const warnings: VomsResult['warnings'][number][] = []
  // Who inherits nothing has no memberships of the user's either.
  if (carrier === undefined || accepted.proxy?.norights !== undefined) return { memberships, warnings }
  const meet = (attempt: () => readonly VoMembership[]): void => {
    try {
      memberships.push(...attempt())
    } catch (failed) {
      if (failed instanceof AttributesRefused) {
        const { reason, vo, message } = failed
        warnings.push({ reason, message, ...(vo === undefined ? {} : { vo }) })
      } else if (failed instanceof AttributeCertificateUnreadable) {
        warnings.push({ reason: 'ac-unreadable', message: failed.message })
      } else throw failed
    }
  }
  let ders: readonly Buffer[] = []
  meet(() => {
    ders = attributeCertificatesIn(carrier.value)
    if (ders.length > MAX_CERTIFICATES) throw new AttributesRefused('ac-unreadable', undefined, 'there are too many')
    return []
  })
  for (const der of ders.slice(0, MAX_CERTIFICATES)) {
    meet(() => checked(new AttributeCertificate(der), accepted.endEntity, trust, options))
  }
  return { memberships, warnings }
}

class AttributesRefused extends Error {
  constructor(
    readonly reason: AttributeRefusal,
    readonly vo: string | undefined,
    detail: string,
  ) {
    super(`the attribute certificate${vo === undefined ? '' : ` of ${vo}`} gives nothing: ${detail}`)
  }
}

type Refuse = (reason: AttributeRefusal, detail: string) => AttributesRefused

function checked(
  certificate: AttributeCertificate,
  endEntity: Certificate,
  trust: TrustStore,
  options: VomsOptions,
): readonly VoMembership[] {
  const [first] = certificate.attributes
  const vo = first?.vo
  const refused: Refuse = (reason, detail) => new AttributesRefused(reason, vo, detail)
  if (first === undefined || vo === undefined) throw refused('no-attributes', 'it has no VOMS attributes')
  if (certificate.attributes.some((other) => other.vo !== vo || other.host !== first.host)) {
    throw refused('fqan-outside-vo', 'it speaks for more than one VO')
  }
  for (const { oid, critical } of certificate.extensions) {
    if (critical && !understood.has(oid)) throw refused('ac-unknown-critical-extension', `extension ${oid} is critical`)
  }
  checkSigner(certificate, first, trust, options, refused)
  const { at } = options
  if (at > certificate.notAfter)
    throw refused('ac-expired', `it expired at ${new Date(certificate.notAfter).toISOString()}`)
  if (at + SKEW < certificate.notBefore) throw refused('ac-not-yet-valid', 'it is not valid yet')
  const { holderNames, holderSerial } = certificate
  const named = holderNames.some(({ der }) => der.equals(endEntity.subject.der) || der.equals(endEntity.issuer.der))
  if (!named || holderSerial === undefined || !holderSerial.equals(endEntity.serial)) {
    throw refused('holder-mismatch', 'it belongs to another certificate')
  }
  if (certificate.targets !== undefined && !targetsUs(certificate, options.hostNames)) {
    throw refused('ac-targeted-elsewhere', 'it is not meant for this host')
  }
  const fqans = certificate.attributes.flatMap((one) => one.fqans)
  for (const fqan of fqans) {
    if (!wellFormed.test(fqan)) throw refused('fqan-malformed', `${JSON.stringify(fqan)} is no FQAN`)
    if (fqan !== `/${vo}` && !fqan.startsWith(`/${vo}/`)) throw refused('fqan-outside-vo', `${fqan} is not of the VO`)
  }
  const short = fqans.map((fqan) => fqan.replace(/\/(?:Role|Capability)=NULL(?=\/|$)/g, ''))
  return [{ vo, fqans: short, generic: certificate.generic, notAfter: certificate.notAfter }]
}

const wellFormed = /^(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+(?:\/Role=[A-Za-z0-9_.-]+)?(?:\/Capability=[A-Za-z0-9_ .-]+)?$/

const understood: ReadonlySet<string> = new Set([
  Oid.targets,
  Oid.noRevocationAvailable,
  Oid.authorityKeyIdentifier,
  Oid.vomsCertificates,
  Oid.vomsGenericAttributes,
])

/** The signer is inside and its chain's names are those of an `.lsc` file, or it lies in the VOMS directory itself. */
function checkSigner(
  certificate: AttributeCertificate,
  { vo, host }: { readonly vo: string; readonly host: string },
  trust: TrustStore,
  options: VomsOptions,
  refused: Refuse,
): void {
  const digest = certificate.algorithm.signature?.digest
  if (digest === 'md5' || (digest === 'sha1' && !options.weakAlgorithms))
    throw refused('ac-weak-digest', `${digest} is weak`)
  const { directory } = options
  const inside = certificate.signers[0]
  const kept = directory.certificatesOf(vo).filter((other) => other.subject.equals(certificate.issuer))
  const candidates = inside === undefined ? kept : [inside]
  if (candidates.length === 0) {
    if (!directory.knowsVo(vo)) throw refused('no-lsc-for-vo', `there is no .lsc file for ${vo}`)
    throw refused('signer-unknown', 'the certificate of its signer is not there')
  }
  const signer = candidates.find((other) => other.subject.equals(certificate.issuer) && certificate.isSignedBy(other))
  if (signer === undefined) throw refused('ac-bad-signature', 'its signature does not hold')
  if (!directory.knowsVo(vo)) throw refused('no-lsc-for-vo', `there is no .lsc file for ${vo}`)
  const isKept = kept.some((other) => other.fingerprint === signer.fingerprint)
  const chains = directory.chainsOf(vo, host)
  if (!isKept && chains.length === 0) throw refused('no-lsc-for-host', `there is no .lsc file of ${host} for ${vo}`)
  const sent = inside === undefined ? [signer.der] : certificate.signers.map(({ der }) => der)
  const found = validateChain(sent, trust, { ...options, legacyProxies: false, purpose: { kind: 'signer' } })
  const path =
    found.verdict === 'reject' ? certificate.signers : [...found.path.proxies, found.path.endEntity, ...found.path.cas]
  if (!isKept && !chains.some((chain) => namesOf(path).slice(0, chain.length).join('\n') === chain.join('\n'))) {
    throw refused('signer-not-in-lsc', 'the names of its signer are in no .lsc file of the VO')
  }
  if (found.verdict === 'reject') throw refused('signer-untrusted', `its signer is refused: ${found.message}`)
  else if (found.path.proxies.length > 0) throw refused('signer-untrusted', 'a proxy signed it')
}

/** Subject of the first, then the issuer of each: the lines of an `.lsc` file. */
function namesOf(path: readonly Certificate[]): readonly string[] {
  const [first] = path
  return first === undefined ? [] : [textKey(first.subject), ...path.map(({ issuer }) => textKey(issuer))]
}

function targetsUs({ targets = [] }: AttributeCertificate, hostNames: readonly string[]): boolean {
  const ours = new Set(hostNames.map((name) => name.toLowerCase()))
  return targets.some((target) => {
    switch (target.kind) {
      case 'dns':
        return ours.has(target.text.toLowerCase())
      case 'uri':
        return ours.has(target.text.toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\/([^/:?#]+).*$/, '$1'))
      case 'ip':
        return hostNames.some((name) => ipBytes(name)?.equals(target.bytes))
      default:
        return false
    }
  })
}
