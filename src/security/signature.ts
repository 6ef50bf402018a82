import { createPublicKey, constants as crypto, type KeyObject, verify } from 'node:crypto'
import { context, type DerReader, readBytesOfBitString, readOid, readSequence, Tag } from './der.ts'
import { Oid } from './oid.ts'

export type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

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

/** Why a key is not good enough, for messages. */
export interface KeyStrength {
  readonly type: string
  readonly bits: number
  /** `broken` keys are refused always, `weak` ones unless weak algorithms are allowed. */
  readonly verdict: 'good' | 'weak' | 'broken'
}

const curveBits: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp256k1: 256,
  brainpoolP256r1: 256,
  brainpoolP384r1: 384,
  brainpoolP512r1: 512,
  secp224r1: 224,
  prime192v1: 192,
}

/** How strong a public key is: RSA from 2048 bits with an odd exponent, EC from 256 bits are good. */
export function keyStrength(key: KeyObject): KeyStrength {
  const type = key.asymmetricKeyType ?? 'unknown'
  const details = key.asymmetricKeyDetails
  if (type === 'rsa' || type === 'rsa-pss') {
    const bits = details?.modulusLength ?? 0
    const exponent = details?.publicExponent ?? 0n
    const broken = bits < 1024 || bits > 16_384 || exponent < 3n || exponent % 2n === 0n
    return { type, bits, verdict: broken ? 'broken' : bits < 2048 ? 'weak' : 'good' }
  }
  if (type === 'ec') {
    const bits = curveBits[details?.namedCurve ?? ''] ?? 0
    return { type, bits, verdict: bits >= 256 ? 'good' : bits >= 192 ? 'weak' : 'broken' }
  }
  if (type === 'ed25519' || type === 'ed448') return { type, bits: type === 'ed448' ? 448 : 255, verdict: 'good' }
  return { type, bits: 0, verdict: 'broken' }
}

/** A public key from its SubjectPublicKeyInfo; undefined when it is none that OpenSSL reads. */
export function publicKeyOf(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
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
