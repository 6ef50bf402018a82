import { isIP } from 'node:net'
import { context, type DerReader, readDer, readNamedBits, readOid, readSequence, readSmallInteger, Tag } from './der.ts'
import { DerMalformed } from './errors.ts'
import { checkText, Name, readString } from './name.ts'
import { Oid } from './oid.ts'

/** An extension as it stands in a certificate, revocation list or attribute certificate. */
export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** The DER inside the OCTET STRING. */
  readonly value: Buffer
}

/** `Extensions`: a SEQUENCE of at least one. Duplicates are left to the caller, who knows how to name them. */
export function readExtensions(reader: DerReader): Extension[] {
  const list = reader.sequence()
  const extensions: Extension[] = []
  do {
    const one = list.sequence()
    const oid = readOid(one.value(Tag.oid).content)
    // DER leaves out a FALSE, but issuers in the field write it; its meaning is the same.
    const critical = one.tag === Tag.boolean ? one.boolean() : false
    const value = one.value(Tag.octetString).content
    one.end()
    extensions.push({ oid, critical, value })
  } while (list.more)
  return extensions
}

/** The bits of KeyUsage this room asks for (RFC 5280 4.2.1.3). */
export const KeyUsage = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  crlSign: 6,
} as const

export interface BasicConstraints {
  readonly ca: boolean
  readonly pathLength?: number
}

export function readBasicConstraints(bytes: Buffer): BasicConstraints {
  const reader = readSequence(bytes)
  const ca = reader.tag === Tag.boolean ? reader.boolean() : false
  const pathLength = reader.more ? reader.integer(0xffff) : undefined
  reader.end()
  return { ca, ...(pathLength === undefined ? {} : { pathLength }) }
}

export const readKeyUsage = (bytes: Buffer): ReadonlySet<number> => readNamedBits(readDer(bytes, Tag.bitString).content)

export function readOids(bytes: Buffer): readonly string[] {
  const reader = readSequence(bytes)
  const oids: string[] = []
  do oids.push(reader.oid())
  while (reader.more)
  return oids
}

export interface ProxyCertInfo {
  readonly draft: boolean
  /** How many proxies may follow below this one. */
  readonly pathLength?: number
  readonly language: string
  readonly hasPolicy: boolean
}

/**
 * RFC 3820 3.8: `SEQUENCE { pCPathLenConstraint INTEGER OPTIONAL, proxyPolicy SEQUENCE { language, policy OPTIONAL } }`.
 * The draft form (1.3.6.1.4.1.3536.1.222) has the policy first and the length after it in context tag 1.
 */
export function readProxyCertInfo(bytes: Buffer, draft: boolean): ProxyCertInfo {
  const reader = readSequence(bytes)
  let pathLength = !draft && reader.tag === Tag.integer ? reader.integer(0xffff) : undefined
  const policy = reader.sequence()
  const language = policy.oid()
  const hasPolicy = policy.optional(Tag.octetString) !== undefined
  policy.end()
  if (draft && reader.tag === context(1)) {
    const tagged = reader.inside(context(1))
    pathLength = tagged.integer(0xffff)
    tagged.end()
  } else if (draft && reader.tag === context(1, false)) {
    pathLength = readSmallInteger(reader.value().content, 0xffff)
  } else if (draft && reader.tag === Tag.integer) {
    pathLength = reader.integer(0xffff)
  }
  reader.end()
  return { draft, language, hasPolicy, ...(pathLength === undefined ? {} : { pathLength }) }
}

/** A GeneralName. The forms this room doesn't compare are kept by their tag number. */
export type GeneralName =
  | { readonly kind: 'email' | 'dns' | 'uri'; readonly text: string }
  | { readonly kind: 'ip'; readonly bytes: Buffer }
  | { readonly kind: 'directory'; readonly name: Name }
  | { readonly kind: 'other'; readonly number: number; readonly bytes: Buffer }

const textKinds: Readonly<Record<number, 'email' | 'dns' | 'uri'>> = { 1: 'email', 2: 'dns', 6: 'uri' }

export function readGeneralName(reader: DerReader): GeneralName {
  const { tag, content, bytes } = reader.value()
  const number = tag & 0x1f
  if ((tag & 0xc0) !== 0x80 || number > 8) reader.fail('a general name of no known form')
  const kind = textKinds[number]
  if (kind !== undefined) {
    if ((tag & 0x20) !== 0) reader.fail('a general name that should be plain text')
    const text = readString({ tag: Tag.ia5String, content, bytes }) as string
    checkText(text)
    return { kind, text }
  }
  if (number === 7) return { kind: 'ip', bytes: content }
  if (number === 4) return { kind: 'directory', name: new Name(content) }
  return { kind: 'other', number, bytes }
}

export function readGeneralNames(reader: DerReader): readonly GeneralName[] {
  const names: GeneralName[] = []
  do names.push(readGeneralName(reader))
  while (reader.more)
  return names
}

export const readAltNames = (bytes: Buffer): readonly GeneralName[] => readGeneralNames(readSequence(bytes))

export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Buffer
}

export function readAuthorityKeyIdentifier(bytes: Buffer): AuthorityKeyIdentifier {
  const reader = readSequence(bytes)
  const keyIdentifier = reader.optional(context(0, false))?.content
  if (reader.tag === context(1)) readGeneralNames(reader.inside(context(1)))
  reader.optional(context(2, false))
  reader.end()
  return keyIdentifier === undefined ? {} : { keyIdentifier }
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[]
  readonly excluded: readonly GeneralName[]
}

/** RFC 5280 4.2.1.10. `minimum` has to be absent or 0 and `maximum` absent, as it says. */
export function readNameConstraints(bytes: Buffer): NameConstraints {
  const reader = readSequence(bytes)
  const subtrees = (tag: number): GeneralName[] => {
    const bases: GeneralName[] = []
    if (reader.tag !== tag) return bases
    const list = reader.inside(tag)
    do {
      const subtree = list.sequence()
      bases.push(readGeneralName(subtree))
      subtree.end()
    } while (list.more)
    return bases
  }
  const permitted = subtrees(context(0))
  const excluded = subtrees(context(1))
  if (permitted.length + excluded.length === 0) reader.fail('name constraints that constrain nothing')
  reader.end()
  return { permitted, excluded }
}

/** Whether PolicyConstraints ask that some policy be valid for the path. */
export function readPolicyConstraints(bytes: Buffer): { readonly requireExplicitPolicy: boolean } {
  const reader = readSequence(bytes)
  const explicit = reader.optional(context(0, false))
  reader.optional(context(1, false))
  reader.end()
  return { requireExplicitPolicy: explicit !== undefined }
}

/** DIRAC writes the group as an IA5String; other string types mean the same. */
export function readDiracGroup(bytes: Buffer): string {
  const value = readDer(bytes)
  const text = readString(value)
  if (text === undefined) throw new DerMalformed('a DIRAC group that is not text', 0)
  checkText(text)
  return text
}

/** `127.0.0.1`, `2001:db8:0:…`: for showing. */
export function ipText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length !== 16) return bytes.toString('hex')
  return (bytes.toString('hex').match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}

/** The bytes of an address in text; undefined when it is none. */
export function ipBytes(text: string): Buffer | undefined {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number))
  if (isIP(text) !== 6) return undefined
  const address = text.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const [one, two] = [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)]
    return `${one.toString(16)}:${two.toString(16)}`
  })
  const parts = address.split('::')
  const head = parts[0] ?? ''
  const tail = parts[1]
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : [])
  const [left, right] = [groups(head), groups(tail)]
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill('0')
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** Extensions whose meaning this room knows and keeps to, so they may be critical in a certificate. */
export const understood: ReadonlySet<string> = new Set([
  Oid.basicConstraints,
  Oid.keyUsage,
  Oid.extKeyUsage,
  Oid.subjectAltName,
  Oid.issuerAltName,
  Oid.nameConstraints,
  Oid.certificatePolicies,
  Oid.policyConstraints,
  Oid.inhibitAnyPolicy,
  Oid.subjectKeyIdentifier,
  Oid.authorityKeyIdentifier,
  Oid.crlDistributionPoints,
  Oid.proxyCertInfo,
  Oid.draftProxyCertInfo,
])
