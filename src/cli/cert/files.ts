import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Credential, parseCredential } from '../../security/credential-file.ts'
import { CredentialFileExists, CredentialUnreadable } from '../../security/errors.ts'
import { type Issued, openCa } from '../../security/issue.ts'

/** Mode of what others may read, and of what nobody else may. */
export const forAll = 0o644
export const forUs = 0o600

/**
 * Writes new files; none of them when one is there already.
 *
 * @throws {CredentialFileExists}
 */
export async function writeNew(files: readonly { path: string; text: string; mode: number }[]): Promise<void> {
  for (const { path } of files) {
    if (await readFile(path).then(Boolean, () => false)) throw new CredentialFileExists(path)
  }
  for (const { path, text, mode } of files) {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'wx', mode).catch((cause) => {
      throw cause.code === 'EEXIST' ? new CredentialFileExists(path) : cause
    })
    await file.writeFile(text).finally(() => file.close())
  }
}

/** Puts a private file in the place of the one that may be there, never half written. */
export async function replacePrivate(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  const file = await open(fresh, 'wx', forUs)
  await file.writeFile(text).finally(() => file.close())
  await rename(fresh, path)
}

/** @throws {CredentialUnreadable} */
async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new CredentialUnreadable(`${path}: ${(cause as NodeJS.ErrnoException).code ?? cause}`, cause)
  })
}

/** Certificate and key that lie in two files, or in one. */
export async function readPair(certificate: string, key: string | undefined): Promise<Credential> {
  const text = await readText(certificate)
  return parseCredential(key === undefined ? text : `${text}\n${await readText(key)}`)
}

/** The CA that `dhn cert ca` made in a folder. */
export const readCa = async (folder: string): Promise<Issued> =>
  openCa(await readPair(join(folder, 'ca.pem'), join(folder, 'ca-key.pem')))
