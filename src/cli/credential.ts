import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { NoCredential } from './errors.ts'

/** What was said of the credential to act with. */
export interface CredentialWish {
  /** From `--cert`: a certificate, or a whole proxy file. */
  readonly cert: string | undefined
  /** From `--key`. */
  readonly key: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
}

interface Files {
  readonly cert: string
  /** The same file for a proxy. */
  readonly key: string
}

/**
 * The credential that grid tools would take: the one that is named, X509_USER_PROXY, X509_USER_CERT with X509_USER_KEY, the
 * proxy in the folder for temporary files, or the pair in `~/.globus`; as PEM, certificate and chain first.
 *
 * @throws {NoCredential} there is none of them
 * @throws {CredentialUnreadable | CredentialNotPrivate | CredentialKeyMismatch}
 */
export async function findCredential(wish: CredentialWish): Promise<{ readonly cert: string; readonly key: string }> {
  const files = filesOf(wish)
  if (files === undefined) throw new NoCredential()
  const { checkPrivate, readCredential } = await import('../security/credential-file.ts')
  const { CredentialUnreadable } = await import('../security/errors.ts')
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new CredentialUnreadable(`${file}: ${cause.code}`, cause)
    })
  const cert = await read(files.cert)
  const key = files.key === files.cert ? cert : await read(files.key)
  const uid = process.getuid?.()
  if (uid !== undefined) checkPrivate(files.key, await stat(files.key), uid)
  readCredential(key === cert ? cert : `${cert}\n${key}`, { keyRequired: true })
  return { cert, key }
}

function filesOf({ cert, key, environment }: CredentialWish): Files | undefined {
  if (cert !== undefined) return { cert, key: key ?? cert }
  const { X509_USER_PROXY, X509_USER_CERT, X509_USER_KEY, HOME = homedir() } = environment
  if (X509_USER_PROXY) return { cert: X509_USER_PROXY, key: X509_USER_PROXY }
  if (X509_USER_CERT) return { cert: X509_USER_CERT, key: X509_USER_KEY || X509_USER_CERT }
  const proxy = join(tmpdir(), `x509up_u${process.getuid?.() ?? ''}`)
  if (existsSync(proxy)) return { cert: proxy, key: proxy }
  const globus = (name: string): string => join(HOME, '.globus', name)
  return existsSync(globus('usercert.pem')) ? { cert: globus('usercert.pem'), key: globus('userkey.pem') } : undefined
}
