import { constants, type KeyObject, verify } from 'node:crypto'

/** How a signature of one algorithm is checked. What isn't here doesn't exist: no `none`, and nothing with a shared secret. */
interface Algorithm {
  readonly digest: string | null
  readonly fits: (key: KeyObject) => boolean
  readonly how?: { readonly padding?: number; readonly saltLength?: number; readonly dsaEncoding?: 'ieee-p1363' }
}

/** Bits of an RSA key: fewer are too weak, and more only keep the node busy. */
const [shortest, longest] = [2048, 8192]

function isRsa({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 1n } = details ?? {}
  return type === 'rsa' && modulusLength >= shortest && modulusLength <= longest && publicExponent >= 3n
}

const isOnCurve =
  (curve: string) =>
  ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean =>
    type === 'ec' && details?.namedCurve === curve

const rsa = (bits: number): Algorithm => ({
  digest: `sha${bits}`,
  fits: isRsa,
  how: { padding: constants.RSA_PKCS1_PADDING },
})
const rsaPss = (bits: number): Algorithm => ({
  digest: `sha${bits}`,
  fits: isRsa,
  how: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 },
})
const ecdsa = (bits: number, curve: string): Algorithm => ({
  digest: `sha${bits}`,
  fits: isOnCurve(curve),
  how: { dsaEncoding: 'ieee-p1363' },
})

/** By their names in RFC 7518 and RFC 8037. */
const algorithms: ReadonlyMap<unknown, Algorithm> = new Map([
  ['RS256', rsa(256)],
  ['RS384', rsa(384)],
  ['RS512', rsa(512)],
  ['PS256', rsaPss(256)],
  ['PS384', rsaPss(384)],
  ['PS512', rsaPss(512)],
  ['ES256', ecdsa(256, 'prime256v1')],
  ['ES384', ecdsa(384, 'secp384r1')],
  ['EdDSA', { digest: null, fits: ({ asymmetricKeyType: type }) => type === 'ed25519' }],
])

export const isAlgorithm = (name: unknown): name is string => algorithms.has(name)

/** Whether a key is one of this algorithm, and strong enough. */
export const fits = (name: string, key: KeyObject): boolean => algorithms.get(name)?.fits(key) ?? false

/** Whether a key is one of any of them. */
export const isUsable = (key: KeyObject): boolean => [...algorithms.keys()].some((name) => fits(name as string, key))

export function isSignedBy(name: string, key: KeyObject, data: Buffer, signature: Buffer): boolean {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined || !algorithm.fits(key)) return false
  try {
    return verify(algorithm.digest, data, { key, ...algorithm.how }, signature)
  } catch {
    // What OpenSSL won't look at is no signature.
    return false
  }
}
