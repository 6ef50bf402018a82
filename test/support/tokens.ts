import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type Json = Readonly<Record<string, unknown>>

/** An identity provider of a test: a key for each kind of algorithm, named by it. */
export interface TestProvider {
  readonly issuer: string
  /** What it publishes. */
  readonly jwks: string
  readonly publicKeys: readonly Json[]
  /** A token that is good for everything but what `claims` and `header` say otherwise; undefined takes a claim out. */
  token(claims?: Json, header?: Json, key?: KeyObject): string
}

const made = {
  RS: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
const keyFor = (alg: unknown): string => (typeof alg !== 'string' ? '' : /^[RP]S/.test(alg) ? 'RS' : alg)

export const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export function testProvider(issuer = 'https://idp.example.org/'): TestProvider {
  const publicKeys = Object.entries(made).map(([kid, { publicKey }]) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    use: 'sig',
  }))
  return {
    issuer,
    publicKeys,
    jwks: JSON.stringify({ keys: publicKeys }),
    token(claims = {}, header = {}, key) {
      const now = Math.floor(Date.now() / 1000)
      const head = { alg: 'ES256', ...header } as { alg: string; kid?: string }
      const kid = keyFor(head.alg)
      const body = { iss: issuer, sub: 'carol-1', iat: now, nbf: now, exp: now + 600, scope: 'openid', ...claims }
      const signed = `${encoded({ kid, ...head })}.${encoded(body)}`
      const signer = key ?? (made as Record<string, { privateKey: KeyObject }>)[kid]?.privateKey
      return `${signed}.${signer === undefined ? 'AAAA' : signature(head.alg, signed, signer)}`
    },
  }
}

function signature(alg: string, signed: string, key: KeyObject): string {
  const digest = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(alg.slice(2)) / 8 }
  const how = alg.startsWith('PS') ? pss : alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : {}
  return sign(digest, Buffer.from(signed), { key, ...how }).toString('base64url')
}
