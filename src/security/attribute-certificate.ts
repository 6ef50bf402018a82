import { Certificate } from './certificate.ts'
import { checkInteger, context, DerReader, readDer, readOid, readSequence, readTime, Tag } from './der.ts'
import { AttributeCertificateUnreadable, CertificateUnreadable, DerMalformed } from './errors.ts'
import { type Extension, type GeneralName, readExtensions, readGeneralName, readGeneralNames } from './extensions.ts'
import { checkText, type Name, readString } from './name.ts'
import { Oid } from './oid.ts'
import { type AlgorithmIdentifier, readAlgorithm, readSignature, verifySignature } from './signature.ts'

/** One VO's word about the holder: where it comes from and the names of groups and roles. */
export interface VomsAttributes {
  readonly vo: string
  /** Host of the VOMS server, without its port. */
  readonly host: string
  readonly fqans: readonly string[]
}

export interface GenericAttribute {
  readonly name: string
  readonly value: string
  readonly qualifier: string
}

/** An attribute certificate (RFC 5755) as VOMS makes it. Read, not checked. */
export class AttributeCertificate {
  /** Names of the holder's certificate: its subject or its issuer, as servers differ. Empty: no such holder. */
  readonly holderNames: readonly Name[]
  readonly holderSerial?: Buffer
  readonly issuer: Name
  readonly notBefore: number
  readonly notAfter: number
  readonly attributes: readonly VomsAttributes[]
  readonly generic: readonly GenericAttribute[]
  readonly extensions: readonly Extension[]
  /** The certificate of the VOMS server and what follows it, when they're inside. */
  readonly signers: readonly Certificate[]
  /** The names of hosts it is meant for; absent when it's for all. */
  readonly targets?: readonly GeneralName[]
  readonly algorithm: AlgorithmIdentifier
  readonly #signed: Buffer
  readonly #signature: Buffer

  /** @throws {AttributeCertificateUnreadable} */
  constructor(der: Buffer) {
    try {
      const outer = new DerReader(readDer(der, Tag.sequence).content)
      this.#signed = outer.value(Tag.sequence).bytes
      this.algorithm = readAlgorithm(outer)
      this.#signature = readSignature(outer)
      outer.end()
      const info = new DerReader(readDer(this.#signed, Tag.sequence).content)
      if (info.integer(1) !== 1) info.fail('an attribute certificate that is not version 2')
      const holder = readHolder(info.sequence())
      this.holderNames = holder.names
      if (holder.serial !== undefined) this.holderSerial = holder.serial
      this.issuer = readIssuer(info)
      if (!readAlgorithm(info).bytes.equals(this.algorithm.bytes)) info.fail('two different signature algorithms')
      checkInteger(info.value(Tag.integer).content)
      const validity = info.sequence()
      this.notBefore = readTime(validity.value(Tag.generalizedTime))
      this.notAfter = readTime(validity.value(Tag.generalizedTime))
      validity.end()
      this.attributes = readAttributes(info.sequence())
      info.optional(Tag.bitString)
      this.extensions = info.more ? readExtensions(info) : []
      info.end()
      if (new Set(this.extensions.map(({ oid }) => oid)).size !== this.extensions.length)
        info.fail('an extension twice')
      this.signers = this.#read(Oid.vomsCertificates, readSigners) ?? []
      this.generic = this.#read(Oid.vomsGenericAttributes, readGeneric) ?? []
      const targets = this.#read(Oid.targets, readTargets)
      if (targets !== undefined) this.targets = targets
    } catch (cause) {
      if (cause instanceof DerMalformed || cause instanceof CertificateUnreadable) {
        throw new AttributeCertificateUnreadable(cause.message, cause)
      }
      throw cause
    }
  }

  isSignedBy(signer: Certificate): boolean {
    return verifySignature(this.algorithm.signature, signer.publicKey, this.#signed, this.#signature)
  }

  #read<Value>(oid: string, read: (bytes: Buffer) => Value): Value | undefined {
    const found = this.extensions.find((extension) => extension.oid === oid)
    return found === undefined ? undefined : read(found.value)
  }
}

/** The DER of each attribute certificate in the extension of a proxy: a SEQUENCE of one SEQUENCE of them. */
export function attributeCertificatesIn(bytes: Buffer): readonly Buffer[] {
  try {
    const list = readSequence(bytes)
    const inner = list.sequence()
    list.end()
    const found: Buffer[] = []
    while (inner.more) found.push(inner.value(Tag.sequence).bytes)
    return found
  } catch (cause) {
    if (cause instanceof DerMalformed) throw new AttributeCertificateUnreadable(cause.message, cause)
    throw cause
  }
}

function readHolder(holder: DerReader): { names: readonly Name[]; serial?: Buffer } {
  if (holder.tag !== context(0)) return { names: [] }
  const base = holder.inside(context(0))
  const names = directoryNames(readGeneralNames(base.sequence()))
  const serial = checkInteger(base.value(Tag.integer).content)
  base.optional(Tag.bitString)
  base.end()
  return { names, serial }
}

const directoryNames = (names: readonly GeneralName[]): readonly Name[] =>
  names.flatMap((name) => (name.kind === 'directory' ? [name.name] : []))

/** V2Form is what RFC 5755 asks for; V1Form is what some old servers wrote. */
function readIssuer(info: DerReader): Name {
  const isV2 = info.tag === context(0)
  const form = isV2 ? info.inside(context(0)) : info
  const names = directoryNames(readGeneralNames(form.sequence()))
  if (isV2) form.end()
  const [name] = names
  if (name === undefined || names.length > 1) return info.fail('an issuer that is not one name')
  return name
}

function readAttributes(list: DerReader): readonly VomsAttributes[] {
  const found: VomsAttributes[] = []
  while (list.more) {
    const attribute = list.sequence()
    const isVoms = readOid(attribute.value(Tag.oid).content) === Oid.vomsAttributes
    const values = attribute.inside(Tag.set)
    attribute.end()
    while (isVoms && values.more) found.push(readVoms(values.sequence()))
  }
  return found
}

/** IetfAttrSyntax: the policy authority is the URI `vo://host:port`, each value the text of an FQAN. */
function readVoms(syntax: DerReader): VomsAttributes {
  const names = syntax.tag === context(0) ? readGeneralNames(syntax.inside(context(0))) : []
  const uri = names[0]?.kind === 'uri' ? names[0].text : ''
  const authority = /^([A-Za-z0-9][A-Za-z0-9._-]*):\/\/([A-Za-z0-9._-]+)(?::\d+)?$/.exec(uri)
  if (authority === null) return syntax.fail('a policy authority that is not vo://host:port')
  const values = syntax.sequence()
  syntax.end()
  const fqans: string[] = []
  while (values.more) fqans.push(text(values.value()))
  return { vo: authority[1] as string, host: (authority[2] as string).toLowerCase(), fqans }
}

function text({ tag, content, bytes }: { tag: number; content: Buffer; bytes: Buffer }): string {
  const found = readString({ tag: tag === Tag.octetString ? Tag.utf8String : tag, content, bytes })
  if (found === undefined) throw new DerMalformed('an attribute that is not text', 0)
  checkText(found)
  return found
}

function readSigners(bytes: Buffer): readonly Certificate[] {
  const outer = readSequence(bytes)
  const list = outer.sequence()
  outer.end()
  const signers: Certificate[] = []
  while (list.more) {
    if (signers.length === 10) list.fail('more than ten certificates')
    signers.push(new Certificate(list.value(Tag.sequence).bytes))
  }
  return signers
}

function readGeneric(bytes: Buffer): readonly GenericAttribute[] {
  const outer = readSequence(bytes)
  const providers = outer.sequence()
  outer.end()
  const found: GenericAttribute[] = []
  while (providers.more) {
    const provider = providers.sequence()
    readGeneralNames(provider.sequence())
    const attributes = provider.sequence()
    provider.end()
    while (attributes.more) {
      const one = attributes.sequence()
      const [name, value, qualifier] = [text(one.value()), text(one.value()), text(one.value())]
      one.end()
      found.push({ name, value, qualifier })
    }
  }
  return found
}

/** Targets, of which only names are of use; VOMS leaves the list empty when it should name somebody else. */
function readTargets(bytes: Buffer): readonly GeneralName[] {
  const outer = readSequence(bytes)
  const names: GeneralName[] = []
  while (outer.more) {
    const list = outer.sequence()
    while (list.more) {
      if (list.tag === context(0)) {
        const target = list.inside(context(0))
        names.push(readGeneralName(target))
        target.end()
      } else if (list.tag === Tag.sequence) {
        const target = list.sequence()
        if (target.tag === context(0)) names.push(readGeneralName(target.inside(context(0))))
        else names.push(readGeneralName(target))
      } else {
        list.value()
      }
    }
  }
  return names
}
