import { createHash, type KeyObject } from 'node:crypto'
import { checkInteger, context, DerReader, readDer, readTime, Tag } from './der.ts'
import { CertificateUnreadable, DerMalformed } from './errors.ts'
import {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type Extension,
  type GeneralName,
  type NameConstraints,
  type ProxyCertInfo,
  readAltNames,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readDiracGroup,
  readExtensions,
  readKeyUsage,
  readNameConstraints,
  readOids,
  readPolicyConstraints,
  readProxyCertInfo,
} from './extensions.ts'
import { Name } from './name.ts'
import { Oid } from './oid.ts'
import {
  type AlgorithmIdentifier,
  type KeyStrength,
  type PublicKeyInfo,
  readAlgorithm,
  readPublicKey,
  readSignature,
  verifySignature,
} from './signature.ts'

/** The values of the extensions this room knows; absent when the certificate hasn't the extension. */
export interface KnownExtensions {
  readonly basicConstraints?: BasicConstraints
  readonly keyUsage?: ReadonlySet<number>
  readonly extKeyUsage?: readonly string[]
  readonly subjectAltNames?: readonly GeneralName[]
  readonly hasIssuerAltName: boolean
  readonly nameConstraints?: NameConstraints
  readonly subjectKeyIdentifier?: Buffer
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier
  readonly requireExplicitPolicy: boolean
  readonly proxyCertInfo?: ProxyCertInfo
  readonly diracGroup?: string
}

/**
 * An X.509 certificate as typed values, read by hand from strict DER. Nothing about it has been checked but its form
 * and the text of its names. Immutable; its public key is made when first asked for.
 */
export class Certificate {
  readonly version: number
  /** The content of the INTEGER: big-endian two's complement in the fewest bytes. */
  readonly serial: Buffer
  readonly issuer: Name
  readonly subject: Name
  /** ms since 1970; both ends belong to the life. */
  readonly notBefore: number
  readonly notAfter: number
  readonly algorithm: AlgorithmIdentifier
  readonly spki: Buffer
  readonly extensions: readonly Extension[]
  readonly known: KnownExtensions
  /** What is signed. */
  readonly tbs: Buffer
  readonly signature: Buffer
  #key: KeyObject | undefined
  readonly #keyInfo: PublicKeyInfo
  readonly #signedBy = new WeakMap<Certificate, boolean>()
  #fingerprint?: string
  #selfSigned?: boolean

  /**
   * @param der the DER of one certificate with nothing after it
   * @throws {CertificateUnreadable} with the reason code of the verdict
   */
  constructor(readonly der: Buffer) {
    try {
      const outer = new DerReader(readDer(der, Tag.sequence).content)
      this.tbs = outer.value(Tag.sequence).bytes
      this.algorithm = readAlgorithm(outer)
      this.signature = readSignature(outer)
      outer.end()
      const tbs = new DerReader(readDer(this.tbs, Tag.sequence).content)
      this.version = readVersion(tbs)
      this.serial = checkInteger(tbs.value(Tag.integer).content)
      const inner = readAlgorithm(tbs)
      this.issuer = new Name(tbs.value(Tag.sequence).bytes)
      const validity = tbs.sequence()
      this.notBefore = readTime(validity.value())
      this.notAfter = readTime(validity.value())
      validity.end()
      this.subject = new Name(tbs.value(Tag.sequence).bytes)
      this.spki = tbs.value(Tag.sequence).bytes
      this.#keyInfo = readPublicKey(this.spki)
      // issuerUniqueID and subjectUniqueID mean nothing here, and only versions 2 and 3 have them.
      if (this.version > 1) for (const tag of [context(1, false), context(2, false)]) tbs.optional(tag)
      this.extensions = this.version === 3 && tbs.tag === context(3) ? readTagged(tbs) : []
      tbs.end()
      if (!inner.bytes.equals(this.algorithm.bytes)) {
        throw new CertificateUnreadable(
          'signature-algorithm-mismatch',
          'the signature algorithms inside and outside what is signed differ',
        )
      }
      if (this.issuer.empty) throw new DerMalformed('an issuer without a name', 0)
      checkSerial(this.serial)
      this.known = readKnown(this.extensions)
    } catch (cause) {
      if (cause instanceof DerMalformed) {
        throw new CertificateUnreadable('malformed-certificate', cause.message, cause)
      }
      throw cause
    }
  }

  get publicKey(): KeyObject | undefined {
    this.#key ??= this.#keyInfo.make()
    return this.#key
  }

  get strength(): KeyStrength {
    return this.#keyInfo.strength
  }

  /** SHA-256 of the DER, lower-case hex. */
  get fingerprint(): string {
    this.#fingerprint ??= createHash('sha256').update(this.der).digest('hex')
    return this.#fingerprint
  }

  get serialText(): string {
    return this.serial.toString('hex').toUpperCase()
  }

  get selfIssued(): boolean {
    return this.subject.equals(this.issuer)
  }

  /** Whether its own key signed it: what a trust anchor is. */
  get selfSigned(): boolean {
    this.#selfSigned ??= this.selfIssued && this.isSignedBy(this)
    return this.#selfSigned
  }

  /** Whether the key of `issuer` signed this; the answer is kept. Says nothing about whether it may. */
  isSignedBy(issuer: Certificate): boolean {
    const known = this.#signedBy.get(issuer)
    if (known !== undefined) return known
    const answer = verifySignature(this.algorithm.signature, issuer.publicKey, this.tbs, this.signature)
    this.#signedBy.set(issuer, answer)
    return answer
  }
}

function readVersion(tbs: DerReader): number {
  if (tbs.tag !== context(0)) return 1
  const tagged = tbs.inside(context(0))
  const version = tagged.integer(2) + 1
  tagged.end()
  // DER leaves out the default, version 1.
  if (version === 1) tbs.fail('version 1 written out')
  return version
}

function readTagged(tbs: DerReader): Extension[] {
  const tagged = tbs.inside(context(3))
  const extensions = readExtensions(tagged)
  tagged.end()
  return extensions
}

function checkSerial(serial: Buffer): void {
  // RFC 5280 4.1.2.2: positive and at most 20 bytes. Zero is left to the path: old roots and proxies have it.
  if ((serial[0] as number) >= 0x80 || serial.length > 21 || (serial.length === 21 && serial[0] !== 0)) {
    throw new CertificateUnreadable('bad-serial', 'the serial number is negative or longer than 20 bytes')
  }
}

function readKnown(extensions: readonly Extension[]): KnownExtensions {
  const known: Known = { hasIssuerAltName: false, requireExplicitPolicy: false }
  const seen = new Set<string>()
  for (const { oid, value } of extensions) {
    const isProxyInfo = oid === Oid.proxyCertInfo || oid === Oid.draftProxyCertInfo
    if (isProxyInfo && known.proxyCertInfo !== undefined) {
      throw new CertificateUnreadable('duplicate-proxycertinfo', 'there are two ProxyCertInfo extensions')
    }
    if (seen.has(oid)) throw new CertificateUnreadable('duplicate-extension', `extension ${oid} is there twice`)
    seen.add(oid)
    if (isProxyInfo) known.proxyCertInfo = readProxyCertInfo(value, oid === Oid.draftProxyCertInfo)
    else readers[oid]?.(known, value)
  }
  return known
}

type Known = { -readonly [key in keyof KnownExtensions]: KnownExtensions[key] }
const readers: Readonly<Record<string, (known: Known, value: Buffer) => void>> = {
  [Oid.basicConstraints]: (known, value) => {
    known.basicConstraints = readBasicConstraints(value)
  },
  [Oid.keyUsage]: (known, value) => {
    known.keyUsage = readKeyUsage(value)
  },
  [Oid.extKeyUsage]: (known, value) => {
    known.extKeyUsage = readOids(value)
  },
  [Oid.subjectAltName]: (known, value) => {
    known.subjectAltNames = readAltNames(value)
  },
  [Oid.issuerAltName]: (known) => {
    known.hasIssuerAltName = true
  },
  [Oid.nameConstraints]: (known, value) => {
    known.nameConstraints = readNameConstraints(value)
  },
  [Oid.subjectKeyIdentifier]: (known, value) => {
    known.subjectKeyIdentifier = readDer(value, Tag.octetString).content
  },
  [Oid.authorityKeyIdentifier]: (known, value) => {
    known.authorityKeyIdentifier = readAuthorityKeyIdentifier(value)
  },
  [Oid.policyConstraints]: (known, value) => {
    known.requireExplicitPolicy = readPolicyConstraints(value).requireExplicitPolicy
  },
  [Oid.diracGroup]: (known, value) => {
    known.diracGroup = readDiracGroup(value)
  },
}
