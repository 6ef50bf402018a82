import type { Certificate } from './certificate.ts'
import { checkInteger, context, DerReader, readDer, readTime, Tag } from './der.ts'
import { CertificateUnreadable, CrlUnreadable, DerMalformed } from './errors.ts'
import { readAuthorityKeyIdentifier, readExtensions } from './extensions.ts'
import { Name } from './name.ts'
import { Oid } from './oid.ts'
import { type AlgorithmIdentifier, readAlgorithm, readSignature, verifySignature } from './signature.ts'

/** A certificate revocation list (RFC 5280 5). Read, not checked: `isSignedBy` and the times are the caller's to ask. */
export class Crl {
  readonly issuer: Name
  readonly thisUpdate: number
  /** Absent in lists that break RFC 5280; such a list is never current. */
  readonly nextUpdate?: number
  /** Why the list can't be used: delta, indirect, partitioned, or a critical extension that isn't known. */
  readonly unsupported?: string
  readonly authorityKeyIdentifier?: Buffer
  readonly algorithm: AlgorithmIdentifier
  readonly signature: Buffer
  readonly tbs: Buffer
  readonly #revoked: ReadonlySet<string>
  readonly #checked = new Map<string, boolean>()

  /** @throws {CrlUnreadable} */
  constructor(readonly der: Buffer) {
    try {
      const outer = new DerReader(readDer(der, Tag.sequence).content)
      this.tbs = outer.value(Tag.sequence).bytes
      this.algorithm = readAlgorithm(outer)
      this.signature = readSignature(outer)
      outer.end()
      const tbs = new DerReader(readDer(this.tbs, Tag.sequence).content)
      const version = tbs.tag === Tag.integer ? tbs.integer(1) : 0
      if (!readAlgorithm(tbs).bytes.equals(this.algorithm.bytes)) tbs.fail('two different signature algorithms')
      this.issuer = new Name(tbs.value(Tag.sequence).bytes)
      this.thisUpdate = readTime(tbs.value())
      if (tbs.tag === Tag.utcTime || tbs.tag === Tag.generalizedTime) this.nextUpdate = readTime(tbs.value())
      const entries = tbs.tag === Tag.sequence ? readEntries(tbs.sequence()) : { revoked: new Set<string>() }
      this.#revoked = entries.revoked
      let unsupported = entries.unsupported
      if (version === 1 && tbs.tag === context(0)) {
        const tagged = tbs.inside(context(0))
        for (const { oid, critical, value } of readExtensions(tagged)) {
          if (oid === Oid.authorityKeyIdentifier) {
            const { keyIdentifier } = readAuthorityKeyIdentifier(value)
            if (keyIdentifier !== undefined) this.authorityKeyIdentifier = keyIdentifier
          }
          if (oid === Oid.deltaCrlIndicator) unsupported = 'it is a delta list'
          else if (oid === Oid.issuingDistributionPoint) unsupported = 'it is a list of a part, or of other issuers'
          else if (critical && oid !== Oid.crlNumber && oid !== Oid.authorityKeyIdentifier) {
            unsupported = `it has the unknown critical extension ${oid}`
          }
        }
        tagged.end()
      }
      tbs.end()
      if (unsupported !== undefined) this.unsupported = unsupported
    } catch (cause) {
      if (cause instanceof DerMalformed || cause instanceof CertificateUnreadable) {
        throw new CrlUnreadable(cause.message, cause)
      }
      throw cause
    }
  }

  get size(): number {
    return this.#revoked.size
  }

  /** Whether it names the certificate with this serial number (the INTEGER's content). */
  revokes(serial: Buffer): boolean {
    return this.#revoked.has(serial.toString('latin1'))
  }

  /** Whether the key of `ca` signed it. The answer is kept: lists are large and asked for on each check. */
  isSignedBy(ca: Certificate): boolean {
    const known = this.#checked.get(ca.fingerprint)
    if (known !== undefined) return known
    const answer = verifySignature(this.algorithm.signature, ca.publicKey, this.tbs, this.signature)
    if (this.#checked.size < 20) this.#checked.set(ca.fingerprint, answer)
    return answer
  }
}

function readEntries(list: DerReader): { revoked: ReadonlySet<string>; unsupported?: string } {
  const revoked = new Set<string>()
  let unsupported: string | undefined
  while (list.more) {
    const entry = list.sequence()
    revoked.add(checkInteger(entry.value(Tag.integer).content).toString('latin1'))
    readTime(entry.value())
    if (entry.more) {
      for (const { oid, critical } of readExtensions(entry)) {
        if (oid === Oid.certificateIssuer) unsupported = 'it lists certificates of other issuers'
        else if (critical && oid !== Oid.crlReason) unsupported = `an entry has the critical extension ${oid}`
      }
      entry.end()
    }
  }
  return { revoked, ...(unsupported === undefined ? {} : { unsupported }) }
}
