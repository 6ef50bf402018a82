import { createPublicKey, constants as crypto, type KeyObject, verify } from 'node:crypto'
import { checkInteger, context, type DerReader, readBytesOfBitString, readOid, readSequence, Tag } from './der.ts'
import { Oid } from './oid.ts'

type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** A signature algorithm whose meaning is known. */
export interface SignatureAlgorithm {
  readonly keyType: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'ed448'
  /** Absent for the Edwards curves, which digest by themselves. */
  readonly digest?: Digest
  /** RSASSA-PSS: the length of the salt in bytes. */
  readonly saltLength?: number
}

/** An AlgorithmIdentifier: its bytes, to compare inside and outside, and what they mean if that is known. */
export interface AlgorithmIdentifier {
  readonly bytes: Buffer
  readonly oid: string
  readonly signature?: SignatureAlgorithm
}

const rsa = (digest: Digest): SignatureAlgorithm => ({ keyType: 'rsa', digest })
const ecdsa = (digest: Digest): SignatureAlgorithm => ({ keyType: 'ec', digest })
const signatures: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.113549.1.1.4', rsa('md5')],
  ['1.2.840.113549.1.1.5', rsa('sha1')],
  ['1.2.840.113549.1.1.14', rsa('sha224')],
  ['1.2.840.113549.1.1.11', rsa('sha256')],
  ['1.2.840.113549.1.1.12', rsa('sha384')],
  ['1.2.840.113549.1.1.13', rsa('sha512')],
  ['1.2.840.10045.4.1', ecdsa('sha1')],
  ['1.2.840.10045.4.3.1', ecdsa('sha224')],
  ['1.2.840.10045.4.3.2', ecdsa('sha256')],
  ['1.2.840.10045.4.3.3', ecdsa('sha384')],
  ['1.2.840.10045.4.3.4', ecdsa('sha512')],
  [Oid.ed25519, { keyType: 'ed25519' }],
  [Oid.ed448, { keyType: 'ed448' }],
])

/** The AlgorithmIdentifier that comes next. Parameters have to be what the algorithm's specification asks for. */
export function readAlgorithm(reader: DerReader): AlgorithmIdentifier {
  const { content, bytes } = reader.value(Tag.sequence)
  const key = bytes.toString('latin1')
  const known = algorithms.get(key)
  if (known !== undefined) return known
  const inner = readSequence(bytes)
  const oid = readOid(inner.value(Tag.oid).content)
  const simple = signatures.get(oid)
  let signature: SignatureAlgorithm | undefined
  if (simple?.keyType === 'rsa') {
    // NULL, or left out as some old issuers do; nothing else.
    inner.optional(Tag.null)
    signature = inner.more ? undefined : simple
  } else if (simple !== undefined) {
    signature = inner.more ? undefined : simple
  } else if (oid === Oid.rsaPss) {
    signature = readPss(inner)
  }
  const algorithm = { bytes, oid, ...(signature === undefined ? {} : { signature }) }
  if (algorithms.size < 100 && content.length < 100) {
    algorithms.set(key, { ...algorithm, bytes: Buffer.from(bytes) })
  }
  return algorithm
}

const algorithms = new Map<string, AlgorithmIdentifier>()

const pssDigests: ReadonlyMap<string, Digest> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** RFC 4055 3.1; undefined when the mask has another digest than the message, which nobody uses. */
function readPss(inner: DerReader): SignatureAlgorithm | undefined {
  const parameters = inner.sequence()
  inner.end()
  const digestOf = (reader: DerReader): Digest | undefined => {
    const algorithm = reader.sequence()
    const digest = pssDigests.get(algorithm.oid())
    algorithm.optional(Tag.null)
    algorithm.end()
    return digest
  }
  let digest: Digest | undefined = 'sha1'
  let mask: Digest | undefined = 'sha1'
  let saltLength = 20
  if (parameters.tag === context(0)) digest = digestOf(parameters.inside(context(0)))
  if (parameters.tag === context(1)) {
    const generator = parameters.inside(context(1)).sequence()
    mask = generator.oid() === '1.2.840.113549.1.1.8' ? digestOf(generator) : undefined
  }
  if (parameters.tag === context(2)) saltLength = parameters.inside(context(2)).integer(512)
  if (parameters.tag === context(3) && parameters.inside(context(3)).integer(10) !== 1) return undefined
  parameters.end()
  return digest === undefined || mask !== digest ? undefined : { keyType: 'rsa-pss', digest, saltLength }
}

export interface KeyStrength {
  readonly type: string
  readonly bits: number
  /** `broken` keys are refused always, `weak` ones unless weak algorithms are allowed. */
  readonly verdict: 'good' | 'weak' | 'broken'
}

/** A public key as it stands in a SubjectPublicKeyInfo, and what can be said of it without doing arithmetic. */
export interface PublicKeyInfo {
  readonly strength: KeyStrength
  /** Makes the key; undefined when OpenSSL wants none of it. */
  make(): KeyObject | undefined
}

/** Curves by object identifier: their bits, and the name they have as JWK where they have one. */
const curves: ReadonlyMap<string, { readonly bits: number; readonly jwk?: string }> = new Map([
  ['1.2.840.10045.3.1.7', { bits: 256, jwk: 'P-256' }],
  ['1.3.132.0.34', { bits: 384, jwk: 'P-384' }],
  ['1.3.132.0.35', { bits: 521, jwk: 'P-521' }],
  ['1.3.132.0.10', { bits: 256 }],
  ['1.3.36.3.3.2.8.1.1.7', { bits: 256 }],
  ['1.3.36.3.3.2.8.1.1.11', { bits: 384 }],
  ['1.3.36.3.3.2.8.1.1.13', { bits: 512 }],
  ['1.3.132.0.33', { bits: 224 }],
  ['1.2.840.10045.3.1.1', { bits: 192 }],
])

/**
 * Reads a SubjectPublicKeyInfo. RSA from 2048 bits with an odd exponent, named curves from 256 bits and the Edwards
 * curves are good; curves given by their parameters are broken, for anybody can choose parameters.
 *
 * @throws {DerMalformed}
 */
export function readPublicKey(spki: Buffer): PublicKeyInfo {
  const reader = readSequence(spki)
  const algorithm = reader.sequence()
  const oid = algorithm.oid()
  const bits = readBytesOfBitString(reader.value(Tag.bitString).content)
  reader.end()
  const make = (): KeyObject | undefined => create({ key: spki, format: 'der', type: 'spki' })
  if (oid === Oid.rsa || oid === Oid.rsaPss) {
    const strength = rsaStrength(oid === Oid.rsa ? 'rsa' : 'rsa-pss', bits)
    // OpenSSL 3 takes thirty times as long for the outer form as for the inner one.
    return { strength, make: oid === Oid.rsa ? () => create({ key: bits, format: 'der', type: 'pkcs1' }) : make }
  }
  if (oid === Oid.ec) {
    const curve = algorithm.tag === Tag.oid ? curves.get(algorithm.oid()) : undefined
    const size = curve?.bits ?? 0
    const strength = {
      type: 'ec',
      bits: size,
      verdict: size >= 256 ? 'good' : size >= 192 ? 'weak' : 'broken',
    } as const
    const length = Math.ceil(size / 8)
    if (curve?.jwk === undefined || bits[0] !== 4 || bits.length !== 1 + 2 * length) return { strength, make }
    const [x, y] = [bits.subarray(1, 1 + length), bits.subarray(1 + length)].map((part) => part.toString('base64url'))
    const key = { kty: 'EC', crv: curve.jwk, x: x as string, y: y as string }
    return { strength, make: () => create({ key, format: 'jwk' }) }
  }
  if (oid === Oid.ed25519) return { strength: { type: 'ed25519', bits: 255, verdict: 'good' }, make }
  if (oid === Oid.ed448) return { strength: { type: 'ed448', bits: 448, verdict: 'good' }, make }
  return { strength: { type: oid, bits: 0, verdict: 'broken' }, make: () => undefined }
}

function rsaStrength(type: string, bytes: Buffer): KeyStrength {
  const key = readSequence(bytes)
  const modulus = checkInteger(key.value(Tag.integer).content)
  const exponent = checkInteger(key.value(Tag.integer).content)
  key.end()
  const positive = (modulus[0] as number) < 0x80 && (exponent[0] as number) < 0x80
  const magnitude = modulus[0] === 0 ? modulus.subarray(1) : modulus
  const bits = magnitude.length === 0 ? 0 : magnitude.length * 8 - Math.clz32(magnitude[0] as number) + 24
  const odd = ((exponent.at(-1) as number) & 1) === 1 && ((modulus.at(-1) as number) & 1) === 1
  const isOne = exponent.length === 1 && exponent[0] === 1
  // An exponent of 1 makes every text its own signature; an endless one makes checking it endless.
  const broken = !positive || !odd || isOne || exponent.length > 9 || bits < 1024 || bits > 16_384
  return { type, bits, verdict: broken ? 'broken' : bits < 2048 ? 'weak' : 'good' }
}

function create(key: Parameters<typeof createPublicKey>[0]): KeyObject | undefined {
  try {
    return createPublicKey(key)
  } catch {
    return undefined
  }
}

/** Whether `key` made `signature` over `signed` by that algorithm. Any doubt is no. */
export function verifySignature(
  algorithm: SignatureAlgorithm | undefined,
  key: KeyObject | undefined,
  signed: Buffer,
  signature: Buffer,
): boolean {
  if (algorithm === undefined || key === undefined) return false
  const type = key.asymmetricKeyType
  const fits = algorithm.keyType === type || (algorithm.keyType === 'rsa-pss' && type === 'rsa')
  if (!fits) return false
  try {
    if (algorithm.keyType === 'rsa-pss') {
      const { saltLength } = algorithm
      const options = {
        key,
        padding: crypto.RSA_PKCS1_PSS_PADDING,
        ...(saltLength === undefined ? {} : { saltLength }),
      }
      return verify(algorithm.digest, signed, options, signature)
    }
    return verify(algorithm.digest ?? null, signed, key, signature)
  } catch {
    return false
  }
}

/** The bytes of a signature: a BIT STRING of whole bytes. */
export const readSignature = (reader: DerReader): Buffer => readBytesOfBitString(reader.value(Tag.bitString).content)
