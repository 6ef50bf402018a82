import type { KeyObject } from 'node:crypto'
import { Certificate } from '../../src/security/certificate.ts'
import { context, Tag } from '../../src/security/der.ts'
import { encode, encodeOctets, encodeOid, encodeSequence, encodeSet } from '../../src/security/der-write.ts'
import { type Extension, KeyUsage } from '../../src/security/extensions.ts'
import { extension, makeCertificate, makeCrl, makeKey, type ToBeSigned } from '../../src/security/make-certificate.ts'
import { Name } from '../../src/security/name.ts'
import { oneLine, readName } from '../../src/security/name-text.ts'
import { Oid } from '../../src/security/oid.ts'
import { writePem } from '../../src/security/pem.ts'
import { readTrustFile, type TrustFile, TrustStore } from '../../src/security/trust-store.ts'
import { type ValidationOptions, validateChain } from '../../src/security/validate-chain.ts'

/** The moment all forged certificates are judged at. */
export const now = Date.UTC(2030, 5, 15, 12)
export const minute = 60_000
export const day = 24 * 60 * minute

/** A certificate with the key that belongs to it: whatever a test wants it to say, well signed. */
export interface Forged {
  readonly der: Buffer
  readonly key: KeyObject
  readonly name: Name
  readonly certificate: Certificate
}

export interface Wishes extends Partial<Omit<ToBeSigned, 'key' | 'extensions'>> {
  /** Who signs; itself when nobody is named. */
  readonly by?: Forged
  readonly key?: KeyObject
  /** Instead of all the usual extensions. */
  readonly extensions?: readonly Extension[]
  /** As well as the usual extensions; one of the same kind takes the place of the usual one. */
  readonly more?: readonly Extension[]
  /** Kinds of the usual extensions to leave out. */
  readonly without?: readonly string[]
}

/** Keys are dear: certificates of a test share them, in the order they're made. */
const keys: KeyObject[] = []
let used = 0
const aKey = (): KeyObject => {
  keys[used] ??= makeKey('ec')
  return keys[used++ % 12] as KeyObject
}

export const dn = (text: string): Name => Name.of(readName(text))

export function forge(subject: string | Name, usual: readonly Extension[], wishes: Wishes): Forged {
  const key = wishes.key ?? aKey()
  const name = typeof subject === 'string' ? dn(subject) : subject
  const more = wishes.more ?? []
  const kept = usual.filter(
    ({ oid }) => !more.some((other) => other.oid === oid) && !(wishes.without ?? []).includes(oid),
  )
  const der = makeCertificate(
    {
      subject: name,
      issuer: wishes.issuer ?? wishes.by?.name ?? name,
      key,
      notBefore: wishes.notBefore ?? now - day,
      notAfter: wishes.notAfter ?? now + 10 * day,
      ...(wishes.serial === undefined ? {} : { serial: wishes.serial }),
      extensions: wishes.extensions ?? [...kept, ...more],
    },
    wishes.by?.key ?? key,
  )
  return asForged(der, key, name)
}

function asForged(der: Buffer, key: KeyObject, name: Name): Forged {
  return {
    der,
    key,
    name,
    get certificate() {
      return new Certificate(der)
    },
  }
}

export function ca(subject: string | Name, wishes: Wishes & { readonly pathLength?: number } = {}): Forged {
  const key = wishes.key ?? aKey()
  return forge(
    subject,
    [
      extension.basicConstraints(true, wishes.pathLength),
      extension.keyUsage(KeyUsage.keyCertSign, KeyUsage.crlSign),
      extension.subjectKeyIdentifier(key),
    ],
    { ...wishes, key },
  )
}

export function user(subject: string | Name, by: Forged, wishes: Wishes = {}): Forged {
  return forge(
    subject,
    [
      extension.basicConstraints(false),
      extension.keyUsage(KeyUsage.digitalSignature),
      extension.extKeyUsage(Oid.clientAuth),
    ],
    { by, ...wishes },
  )
}

let number = 1000
export function proxy(
  by: Forged,
  wishes: Wishes & { readonly language?: string; readonly pathLength?: number } = {},
): Forged {
  const subject = wishes.subject ?? Name.append(by.name, [{ type: Oid.commonName, value: String(++number) }])
  return forge(
    subject,
    [
      extension.keyUsage(KeyUsage.digitalSignature),
      extension.proxyCertInfo(wishes.language ?? Oid.inheritAll, wishes.pathLength),
    ],
    { by, ...wishes },
  )
}

/** A proxy of Globus 2: nothing but its name says so. */
export const legacyProxy = (by: Forged, cn = 'proxy', wishes: Wishes = {}): Forged =>
  forge(Name.append(by.name, [{ type: Oid.commonName, value: cn }]), [extension.keyUsage(KeyUsage.digitalSignature)], {
    by,
    ...wishes,
  })

/** A ProxyCertInfo from its parts, for the forms that no tool writes. */
export const proxyCertInfo = (
  critical: boolean,
  language: string,
  { policy, oid = Oid.proxyCertInfo }: { policy?: string; oid?: string } = {},
): Extension => ({
  oid,
  critical,
  value: encodeSequence(
    encodeSequence(encodeOid(language), ...(policy === undefined ? [] : [encodeOctets(Buffer.from(policy))])),
  ),
})

export const anExtension = (oid: string, critical: boolean, value: Buffer = Buffer.from([5, 0])): Extension => ({
  oid,
  critical,
  value,
})

/** `permitted` and `excluded` subtrees; each is a GeneralName's DER. */
export const nameConstraints = (permitted: readonly Buffer[], excluded: readonly Buffer[] = []): Extension => ({
  oid: Oid.nameConstraints,
  critical: true,
  value: encodeSequence(
    ...(permitted.length === 0 ? [] : [encode(context(0), ...permitted.map((base) => encodeSequence(base)))]),
    ...(excluded.length === 0 ? [] : [encode(context(1), ...excluded.map((base) => encodeSequence(base)))]),
  ),
})

export const general = {
  email: (text: string): Buffer => encode(context(1, false), Buffer.from(text)),
  dns: (text: string): Buffer => encode(context(2, false), Buffer.from(text)),
  uri: (text: string): Buffer => encode(context(6, false), Buffer.from(text)),
  directory: (text: string): Buffer => encode(context(4), dn(text).der),
  /** Dotted bytes of address and mask. */
  ip: (...bytes: readonly number[]): Buffer => encode(context(7, false), Buffer.from(bytes)),
  other: (): Buffer =>
    encode(context(0), encodeOid('1.2.3.4'), encode(context(0), encode(Tag.utf8String, Buffer.from('x')))),
} as const

export const subjectAltName = (...names: readonly Buffer[]): Extension => ({
  oid: Oid.subjectAltName,
  critical: false,
  value: encodeSequence(...names),
})

/** A Name from attributes as DER, for values that no sane issuer writes. */
export function rawName(
  ...rdns: readonly (readonly (readonly [oid: string, tag: number, bytes: Buffer | string])[])[]
): Buffer {
  return encodeSequence(
    ...rdns.map((rdn) =>
      encodeSet(
        ...rdn.map(([oid, tag, bytes]) =>
          encodeSequence(encodeOid(oid), encode(tag, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)),
        ),
      ),
    ),
  )
}

export interface TrustWishes {
  readonly cas: readonly Forged[]
  /** Lists by file name; when absent each CA has a current one. */
  readonly crls?: Readonly<Record<string, Buffer>>
  /** Policy texts by file name; when absent each CA may sign everything. */
  readonly policies?: Readonly<Record<string, string>>
}

export const emptyCrl = (by: Forged, wishes: Partial<Parameters<typeof makeCrl>[0]> = {}): Buffer =>
  makeCrl(
    {
      issuer: by.name,
      thisUpdate: now - day,
      nextUpdate: now + day,
      number: 1,
      revoked: [],
      ...wishes,
    },
    by.key,
  )

export const signingPolicy = (ca: Forged, ...globs: readonly string[]): string =>
  `access_id_CA X509 '${oneLine(ca.name)}'\npos_rights globus CA:sign\ncond_subjects globus '${globs
    .map((glob) => `"${glob}"`)
    .join(' ')}'\n`

export function trust({ cas, crls, policies }: TrustWishes): TrustStore {
  const files: [string, Buffer][] = cas.map(({ der }, at) => [`ca${at}.pem`, Buffer.from(writePem('CERTIFICATE', der))])
  const lists = crls ?? Object.fromEntries(cas.map((one, at) => [`${at}.crl`, emptyCrl(one)]))
  const texts =
    policies ?? Object.fromEntries(cas.map((one, at) => [`ca${at}.signing_policy`, signingPolicy(one, '*')]))
  files.push(...Object.entries(lists))
  files.push(...Object.entries(texts).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]))
  return new TrustStore(files.map(([name, bytes]) => readTrustFile(name, bytes) as TrustFile))
}

/** Verdict and reason as one word each: `accept proxy`, `reject expired`. */
export function verdictOf(
  chain: readonly (Forged | Buffer)[],
  store: TrustStore,
  options: Partial<ValidationOptions> = {},
): string {
  const ders = chain.map((one) => (Buffer.isBuffer(one) ? one : one.der))
  const { verdict, reason } = validateChain(ders, store, { at: now, ...options })
  return `${verdict} ${reason}`
}
