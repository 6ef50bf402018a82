import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { Certificate } from '../security/certificate.ts'
import { CertificateUnreadable } from '../security/errors.ts'
import { textKey } from '../security/name-text.ts'
import { HostCredentialsUnusable, HostKeyExposed } from './errors.ts'

export interface HostCredentials {
  /** PEM: the host's certificate first. */
  readonly cert: Buffer
  readonly key: Buffer
  readonly notAfter: Date
  /** `textKey` of the certificate's subject; empty when it can't be read as a grid certificate. */
  readonly self: string
}

/**
 * Reads the certificate and the key that the HTTPS door shows.
 *
 * @throws {HostCredentialsUnusable} one isn't there or isn't PEM, or the key isn't that of the certificate
 * @throws {HostKeyExposed} others than its owner may read the key
 */
export async function readHostCredentials(certificateFile: string, keyFile: string): Promise<HostCredentials> {
  const cert = await read(certificateFile)
  const key = await read(keyFile)
  const mode = (await stat(keyFile)).mode & 0o777
  if ((mode & 0o077) !== 0) throw new HostKeyExposed(keyFile, mode.toString(8))
  const certificate = parsed(certificateFile, () => new X509Certificate(cert))
  const privateKey = parsed(keyFile, () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new HostCredentialsUnusable(keyFile, `it isn't the key of ${certificateFile}`)
  }
  return { cert, key, notAfter: new Date(certificate.validTo), self: selfOf(certificate) }
}

function selfOf({ raw }: X509Certificate): string {
  try {
    return textKey(new Certificate(raw).subject)
  } catch (error) {
    if (error instanceof CertificateUnreadable) return ''
    throw error
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new HostCredentialsUnusable(file, (error as Error).message, { cause: error })
  }
}

function parsed<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new HostCredentialsUnusable(file, `it is not PEM (${(error as Error).message})`, { cause: error })
  }
}
