import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { type Credential, checkPrivate, readCredential } from './credential-file.ts'
import { TrustDirectoryUnreadable } from './errors.ts'
import { readTrustFile, type TrustFile, TrustStore, trustFileKind } from './trust-store.ts'
import { type LscChain, readLsc, VomsDirectory } from './voms-directory.ts'

/** A revocation list of a large CA is a few MiB; nothing in a CA directory is larger than this. */
const MAX_FILE = 64 * 1024 * 1024

/**
 * Reads a directory of CA certificates, policies and revocation lists, such as `/etc/grid-security/certificates`.
 * A file that can't be read is a problem of the store (`problems`), and `previous` still speaks for it if it could.
 *
 * @throws {TrustDirectoryUnreadable} the directory itself can't be listed
 */
export async function readTrustDirectory(directory: string, previous?: TrustStore): Promise<TrustStore> {
  const earlier = new Map(previous?.files.map((file) => [file.name, file]))
  const names = (await list(directory)).filter((name) => trustFileKind(name) !== undefined).sort()
  const files: TrustFile[] = []
  // Links to one file are read once: a certificate object keeps its key once it was made.
  const byDigest = new Map<string, TrustFile>()
  for (const name of names) {
    const old = earlier.get(name)
    const file = await readOne(directory, name, old)
    if (file === undefined) continue
    const twin = file.problem === undefined ? byDigest.get(file.digest) : undefined
    const shared = twin?.content?.kind === file.content?.kind ? { ...file, ...(twin ?? {}), name } : file
    if (twin === undefined && file.problem === undefined) byDigest.set(file.digest, file)
    files.push(shared)
  }
  return new TrustStore(files)
}

async function readOne(directory: string, name: string, old: TrustFile | undefined): Promise<TrustFile | undefined> {
  const keep = old?.content === undefined ? {} : { content: old.content }
  try {
    const path = join(directory, name)
    const { size } = await stat(path)
    if (size > MAX_FILE) return { name, digest: `size ${size}`, problem: 'it is too large', ...keep }
    return readTrustFile(name, await readFile(path), old)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Gone between listing and reading, by a rename: the next reading sees what came instead.
    return { name, digest: `unread ${code}`, problem: `it can't be read (${code})`, ...keep }
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    throw new TrustDirectoryUnreadable(directory, cause)
  }
}

/**
 * Reads a `vomsdir`: `<vo>/<host>.lsc` files, and certificates of servers beside them. Files of other kinds and unreadable ones are left out: what isn't there
 * gives no attributes.
 *
 * @throws {TrustDirectoryUnreadable}
 */
export async function readVomsDirectory(directory: string): Promise<VomsDirectory> {
  const chains: { vo: string; host: string; chain: LscChain }[] = []
  const certificates: { vo: string; certificate: Certificate }[] = []
  for (const vo of await list(directory)) {
    const entries = await readdir(join(directory, vo)).catch(() => [])
    for (const name of entries) {
      const bytes = await readFile(join(directory, vo, name)).catch(() => Buffer.alloc(0))
      if (name.endsWith('.lsc')) {
        for (const chain of readLsc(bytes.toString('utf8')))
          chains.push({ vo, host: name.slice(0, -'.lsc'.length), chain })
      } else {
        const content = readTrustFile(name, bytes)?.content
        if (content?.kind !== 'certificates') continue
        for (const certificate of content.certificates) certificates.push({ vo, certificate })
      }
    }
  }
  return new VomsDirectory(chains, certificates)
}

/**
 * Reads a credential file that dhn is going to use as its own: the file is ours alone, and its key fits.
 *
 * @throws {CredentialNotPrivate | CredentialUnreadable | CredentialKeyMismatch}
 */
export async function readOwnCredential(file: string, uid: number): Promise<Credential> {
  checkPrivate(file, await stat(file), uid)
  return readCredential(await readFile(file, 'utf8'), { keyRequired: true })
}
