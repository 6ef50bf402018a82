import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { TokenKeysUnreadable } from '../errors.ts'
import { isAlgorithm, isUsable } from './algorithms.ts'
import { asObject } from './strict-json.ts'

/** A key that tokens may be signed with. */
export interface TokenKey {
  /** `kid`: by which a token names it. */
  readonly id: string | undefined
  /** The one algorithm that it is for; undefined: each that fits it. */
  readonly algorithm: string | undefined
  readonly key: KeyObject
}

export interface KeySet {
  readonly keys: readonly TokenKey[]
  /** Why others for signatures aren't used, for the log. */
  readonly passedOver: readonly string[]
}

/** No provider has more: it is a mistake, or wants to keep the node busy. */
const mostKeys = 100

/**
 * Reads a set of keys. Keys that are for something else, secret, or too weak are passed over.
 *
 * @throws {TokenKeysUnreadable}
 * @see RFC 7517
 */
export function readJwks(text: string): KeySet {
  const list = asObject(text)?.keys
  if (!Array.isArray(list)) throw new TokenKeysUnreadable('it is no JSON object with a list of keys')
  if (list.length > mostKeys) throw new TokenKeysUnreadable(`it has more than ${mostKeys} keys`)
  const keys: TokenKey[] = []
  const passedOver: string[] = []
  for (const [index, entry] of list.entries()) {
    const read = readKey(entry)
    if (typeof read === 'string') passedOver.push(`key ${index + 1}: ${read}`)
    else if (read !== undefined) keys.push(read)
  }
  return { keys, passedOver }
}

/** The key, or why it isn't used; undefined for one that is meant for something else. */
function readKey(entry: unknown): TokenKey | string | undefined {
  if (typeof entry !== 'object' || entry === null) return 'it is no object'
  const { kid, alg, use, key_ops: operations, kty, d, k } = entry as Readonly<Record<string, unknown>>
  if (kty === 'oct' || k !== undefined) return 'it is a shared secret'
  if (d !== undefined) return 'it is a private key, which belongs nowhere but to the provider'
  if (use !== undefined && use !== 'sig') return undefined
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined
  if (kid !== undefined && typeof kid !== 'string') return 'its kid is no text'
  if (alg !== undefined && !isAlgorithm(alg)) return 'its algorithm is not taken'
  let key: KeyObject
  try {
    key = createPublicKey({ key: entry as JsonWebKey, format: 'jwk' })
  } catch {
    return 'it can not be read'
  }
  return isUsable(key) ? { id: kid, algorithm: alg, key } : 'it is too weak, or of a kind that is not taken'
}
