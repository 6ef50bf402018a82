import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { context, DerReader, readBytesOfBitString, Tag } from './der.ts'
import {
  encode,
  encodeBits,
  encodeBoolean,
  encodeInteger,
  encodeNamedBits,
  encodeOctets,
  encodeOid,
  encodeSequence,
  encodeTime,
} from './der-write.ts'
import { CertificateNotMade } from './errors.ts'
import { type Extension, ipBytes } from './extensions.ts'
import type { Name } from './name.ts'
import { Oid } from './oid.ts'

export type KeyType = 'ec' | 'rsa'

/** A new private key: P-256, or RSA of 2048 bits. */
export function makeKey(type: KeyType): KeyObject {
  return type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

export interface ToBeSigned {
  readonly subject: Name
  readonly issuer: Name
  /** The key that is certified; a private key stands for its public half. */
  readonly key: KeyObject
  readonly serial?: Buffer
  /** ms since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly extensions: readonly Extension[]
}

/** The DER of a version 3 certificate signed with `signer` and SHA-256. */
export function makeCertificate(made: ToBeSigned, signer: KeyObject): Buffer {
  const tbs = encodeSequence(
    encode(context(0), encodeInteger(2)),
    encodeInteger(made.serial ?? newSerial()),
    signatureAlgorithm(signer),
    made.issuer.der,
    encodeSequence(encodeTime(made.notBefore), encodeTime(made.notAfter)),
    made.subject.der,
    spkiOf(made.key),
    ...(made.extensions.length === 0
      ? []
      : [encode(context(3), encodeSequence(...made.extensions.map(encodeExtension)))]),
  )
  return encodeSigned(tbs, signer)
}

export interface CrlToBeSigned {
  readonly issuer: Name
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly number: number
  readonly revoked: readonly { readonly serial: Buffer; readonly at: number }[]
  readonly extensions?: readonly Extension[]
}

/** The DER of a version 2 revocation list signed with `signer` and SHA-256. */
export function makeCrl(made: CrlToBeSigned, signer: KeyObject): Buffer {
  const entries = made.revoked.map(({ serial, at }) => encodeSequence(encode(Tag.integer, serial), encodeTime(at)))
  const number: Extension = { oid: Oid.crlNumber, critical: false, value: encodeInteger(made.number) }
  const extensions = [...(made.extensions ?? []), number]
  const tbs = encodeSequence(
    encodeInteger(1),
    signatureAlgorithm(signer),
    made.issuer.der,
    encodeTime(made.thisUpdate),
    encodeTime(made.nextUpdate),
    ...(entries.length === 0 ? [] : [encodeSequence(...entries)]),
    encode(context(0), encodeSequence(...extensions.map(encodeExtension))),
  )
  return encodeSigned(tbs, signer)
}

/** SEQUENCE of what is signed, how, and the signature. */
export function encodeSigned(tbs: Buffer, signer: KeyObject): Buffer {
  return encodeSequence(tbs, signatureAlgorithm(signer), encodeBits(sign('sha256', tbs, signer)))
}

export function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'ec':
      return encodeSequence(encodeOid(Oid.ecdsaWithSha256))
    case 'rsa':
      return encodeSequence(encodeOid(Oid.sha256WithRsa), encode(Tag.null))
    default:
      throw new CertificateNotMade(`a key of type ${key.asymmetricKeyType} is neither EC nor RSA`)
  }
}

/** 64 random bits, positive. */
function newSerial(): Buffer {
  const serial = randomBytes(8)
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}

const spkiOf = (key: KeyObject): Buffer =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' })

export function encodeExtension({ oid, critical, value }: Extension): Buffer {
  return encodeSequence(encodeOid(oid), ...(critical ? [encodeBoolean(true)] : []), encodeOctets(value))
}

/** The extensions that certificates are made with, by name. */
export const extension = {
  basicConstraints: (ca: boolean, pathLength?: number): Extension => ({
    oid: Oid.basicConstraints,
    critical: true,
    value: encodeSequence(
      ...(ca ? [encodeBoolean(true)] : []),
      ...(pathLength === undefined ? [] : [encodeInteger(pathLength)]),
    ),
  }),
  keyUsage: (...bits: readonly number[]): Extension => ({
    oid: Oid.keyUsage,
    critical: true,
    value: encodeNamedBits(bits),
  }),
  extKeyUsage: (...oids: readonly string[]): Extension => ({
    oid: Oid.extKeyUsage,
    critical: false,
    value: encodeSequence(...oids.map(encodeOid)),
  }),
  subjectKeyIdentifier: (key: KeyObject): Extension => ({
    oid: Oid.subjectKeyIdentifier,
    critical: false,
    value: encodeOctets(keyIdentifier(key)),
  }),
  authorityKeyIdentifier: (key: KeyObject): Extension => ({
    oid: Oid.authorityKeyIdentifier,
    critical: false,
    value: encodeSequence(encode(context(0, false), keyIdentifier(key))),
  }),
  /** Names that are addresses become addresses, those with an `@` mailboxes, others host names. */
  subjectAltName: (...names: readonly string[]): Extension => ({
    oid: Oid.subjectAltName,
    critical: false,
    value: encodeSequence(
      ...names.map((name) => {
        const address = ipBytes(name)
        if (address !== undefined) return encode(context(7, false), address)
        return encode(context(name.includes('@') ? 1 : 2, false), Buffer.from(name))
      }),
    ),
  }),
  proxyCertInfo: (language: string, pathLength?: number): Extension => ({
    oid: Oid.proxyCertInfo,
    critical: true,
    value: encodeSequence(
      ...(pathLength === undefined ? [] : [encodeInteger(pathLength)]),
      encodeSequence(encodeOid(language)),
    ),
  }),
  diracGroup: (group: string): Extension => ({
    oid: Oid.diracGroup,
    critical: false,
    value: encode(Tag.ia5String, Buffer.from(group, 'latin1')),
  }),
} as const

/** RFC 5280 4.2.1.2, method 1: SHA-1 of the bits of the public key. */
function keyIdentifier(key: KeyObject): Buffer {
  const spki = new DerReader(spkiOf(key)).sequence()
  spki.value(Tag.sequence)
  return createHash('sha1')
    .update(readBytesOfBitString(spki.value(Tag.bitString).content))
    .digest()
}
