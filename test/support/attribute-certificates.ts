import { context, Tag } from '../../src/security/der.ts'
import {
  encode,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctets,
  encodeOid,
  encodeSequence,
  encodeSet,
} from '../../src/security/der-write.ts'
import type { Extension } from '../../src/security/extensions.ts'
import { encodeExtension, encodeSigned, signatureAlgorithm } from '../../src/security/make-certificate.ts'
import type { Name } from '../../src/security/name.ts'
import { Oid } from '../../src/security/oid.ts'
import { anExtension, day, type Forged, general, now, proxy } from './forge.ts'

/** What an attribute certificate is to say; the rest is as a VOMS server writes it. */
export interface AcWishes {
  readonly holder: Forged
  /** The name the holder is found by: the subject of its certificate (the default) or its issuer's name. */
  readonly holderName?: Name
  readonly holderSerial?: Buffer
  readonly by: Forged
  readonly vo?: string
  readonly host?: string
  readonly fqans?: readonly string[]
  readonly generic?: Readonly<Record<string, string>>
  readonly targets?: readonly Buffer[]
  readonly notBefore?: number
  readonly notAfter?: number
  /** The certificates inside; the signer's own by default. */
  readonly signers?: readonly Forged[]
  readonly more?: readonly Extension[]
}

const names = (...all: readonly Buffer[]): Buffer => encodeSequence(...all)
const directory = (name: Name): Buffer => encode(context(4), name.der)

/** The DER of an attribute certificate in the form of VOMS. */
export function attributeCertificate(wishes: AcWishes): Buffer {
  const { holder, by, vo = 'test.vo', host = 'voms.x.org', fqans = [`/${vo}/Role=NULL/Capability=NULL`] } = wishes
  const authority = general.uri(`${vo}://${host}:15000`)
  const values = fqans.map((fqan) => encodeOctets(Buffer.from(fqan)))
  const attribute = encodeSequence(
    encodeOid(Oid.vomsAttributes),
    encodeSet(encodeSequence(encode(context(0), authority), encodeSequence(...values))),
  )
  const signers = wishes.signers ?? [by]
  const extensions: Extension[] = [
    ...(wishes.targets === undefined ? [] : [targetExtension(wishes.targets)]),
    ...(wishes.generic === undefined ? [] : [genericExtension(authority, vo, wishes.generic)]),
    ...(signers.length === 0
      ? []
      : [anExtension(Oid.vomsCertificates, false, encodeSequence(encodeSequence(...signers.map(({ der }) => der))))]),
    anExtension(Oid.noRevocationAvailable, false),
    ...(wishes.more ?? []),
  ]
  const info = encodeSequence(
    encodeInteger(1),
    encodeSequence(
      encode(
        context(0),
        names(directory(wishes.holderName ?? holder.name)),
        encode(Tag.integer, wishes.holderSerial ?? holder.certificate.serial),
      ),
    ),
    encode(context(0), names(directory(by.name))),
    signatureAlgorithm(by.key),
    encodeInteger(1),
    encodeSequence(
      encodeGeneralizedTime(wishes.notBefore ?? now - 60_000),
      encodeGeneralizedTime(wishes.notAfter ?? now + day / 2),
    ),
    encodeSequence(attribute),
    encodeSequence(...extensions.map(encodeExtension)),
  )
  return encodeSigned(info, by.key)
}

/** The extension of a proxy that holds attribute certificates. */
export const carrying = (...certificates: readonly Buffer[]): Extension =>
  anExtension(Oid.vomsAttributeCertificates, false, encodeSequence(encodeSequence(...certificates)))

/** A proxy of the wishes' holder with these attribute certificates in it. */
export const vomsProxy = (by: Forged, ...certificates: readonly Buffer[]): Forged =>
  proxy(by, { more: [carrying(...certificates)] })

const targetExtension = (targets: readonly Buffer[]): Extension =>
  anExtension(Oid.targets, true, encodeSequence(encodeSequence(...targets.map((target) => encode(context(0), target)))))

function genericExtension(authority: Buffer, vo: string, attributes: Readonly<Record<string, string>>): Extension {
  const text = (one: string): Buffer => encodeOctets(Buffer.from(one))
  const all = Object.entries(attributes).map(([name, value]) => encodeSequence(text(name), text(value), text(vo)))
  const provider = encodeSequence(names(authority), encodeSequence(...all))
  return anExtension(Oid.vomsGenericAttributes, false, encodeSequence(encodeSequence(provider)))
}
