import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { Certificate } from './certificate.ts'
import { CredentialKeyMismatch, CredentialNotPrivate, CredentialUnreadable } from './errors.ts'
import { oneLine } from './name-text.ts'
import { readPem } from './pem.ts'

/** What a credential file holds: the chain as it stands in it, its own certificate first. */
export interface Credential {
  readonly chain: readonly Buffer[]
  /** Absent when the file has no key, or only one behind a pass phrase. */
  readonly key?: KeyObject
  /** The private key block as it stands. */
  readonly keyPem?: string
}

const certificateLabels = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/**
 * Reads certificates and key out of a PEM text in any order; other blocks, such as the token that DIRAC appends, are
 * passed over. Certificates are not read further than their PEM.
 *
 * @throws {CredentialUnreadable} no certificate (unless it `mayBeEmpty`), two keys, or a key that is none
 */
export function parseCredential(text: string, { mayBeEmpty = false } = {}): Credential {
  const blocks = readPem(text)
  const chain = blocks.filter(({ label }) => certificateLabels.has(label)).map(({ der }) => der)
  if (chain.length === 0 && !mayBeEmpty) throw new CredentialUnreadable('there is no CERTIFICATE block in it')
  const keys = blocks.filter(({ label }) => label === 'PRIVATE KEY' || /^(?:RSA|EC) PRIVATE KEY$/.test(label))
  if (keys.length > 1) throw new CredentialUnreadable('there are two private keys in it')
  const [block] = keys
  if (block === undefined || /Proc-Type:.*ENCRYPTED/.test(block.text)) return { chain }
  try {
    return { chain, key: createPrivateKey(block.text), keyPem: block.text }
  } catch (cause) {
    throw new CredentialUnreadable('the private key is none that can be used', cause)
  }
}

/**
 * As `parseCredential`, and the key is the one of the first certificate.
 *
 * @throws {CredentialUnreadable | CredentialKeyMismatch | CertificateUnreadable}
 */
export function readCredential(text: string, { keyRequired = false } = {}): Credential {
  const credential = parseCredential(text)
  if (credential.key === undefined) {
    if (keyRequired) throw new CredentialUnreadable('there is no private key without a pass phrase in it')
    return credential
  }
  const first = new Certificate(credential.chain[0] as Buffer)
  if (!keyFits(credential.key, first)) throw new CredentialKeyMismatch(oneLine(first.subject))
  return credential
}

/** Whether a private key is the key of a certificate. */
export function keyFits(key: KeyObject, certificate: Certificate): boolean {
  return certificate.publicKey?.equals(createPublicKey(key)) ?? false
}

/**
 * Says that a file with a key is ours and nobody else's: all grid tools refuse it otherwise.
 *
 * @throws {CredentialNotPrivate}
 */
export function checkPrivate(file: string, { mode, uid }: { mode: number; uid: number }, ourUid: number): void {
  if ((mode & 0o170000) !== 0o100000) throw new CredentialNotPrivate(file, 'is not an ordinary file')
  if (uid !== ourUid) throw new CredentialNotPrivate(file, `belongs to user ${uid}, and we are user ${ourUid}`)
  const open = mode & 0o177
  if (open !== 0) {
    throw new CredentialNotPrivate(file, `has mode ${(mode & 0o777).toString(8).padStart(4, '0')}: others may use it`)
  }
}
