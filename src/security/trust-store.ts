import { createHash } from 'node:crypto'
import { DhnError } from '../service/errors.ts'
import { Certificate } from './certificate.ts'
import { Crl } from './crl.ts'
import { CertificateUnreadable, CrlUnreadable } from './errors.ts'
import type { Name } from './name.ts'
import { type Namespaces, readNamespaces } from './namespaces.ts'
import { pemOrDer, readPem } from './pem.ts'
import { readSigningPolicy, type SigningPolicy } from './signing-policy.ts'

/** What one file of a CA directory holds. */
type TrustContent =
  | { readonly kind: 'certificates'; readonly certificates: readonly Certificate[] }
  | { readonly kind: 'crls'; readonly crls: readonly Crl[] }
  | { readonly kind: 'signing_policy'; readonly policy: SigningPolicy }
  | { readonly kind: 'namespaces'; readonly policy: Namespaces }

/** A file of a CA directory that means something there, read or not. */
export interface TrustFile {
  readonly name: string
  /** SHA-256 of the bytes, to know links to one file and files that haven't changed. */
  readonly digest: string
  readonly content?: TrustContent
  /** Why the bytes that are there now can't be used. With `content`, an earlier reading is still in use. */
  readonly problem?: string
}

/** A policy file as it applies to a CA: readable, or there and not readable, which refuses. */
interface PolicyFile<Policy> {
  readonly file: string
  readonly policy?: Policy
}

export interface CaPolicies {
  readonly signing: readonly PolicyFile<SigningPolicy>[]
  readonly namespaces: readonly PolicyFile<Namespaces>[]
}

/**
 * An immutable picture of a CA directory: which CAs are trusted, for which names, and what they have revoked.
 * Found by name, not by file name; CAs of the same name stand beside each other.
 */
export class TrustStore {
  readonly files: readonly TrustFile[]
  /** Every trusted certificate once. */
  readonly certificates: readonly Certificate[]
  readonly #bySubject = new Map<string, Certificate[]>()
  readonly #crls = new Map<string, Crl[]>()
  readonly #trusted = new Set<string>()
  readonly #fileNames = new Map<string, Set<string>>()
  readonly #policies = new Map<string, CaPolicies>()

  constructor(files: readonly TrustFile[]) {
    this.files = files
    const certificates = new Map<string, Certificate>()
    const crls = new Set<string>()
    for (const { name, content } of files) {
      if (content?.kind === 'certificates') {
        for (const certificate of content.certificates) {
          const { fingerprint } = certificate
          if (!certificates.has(fingerprint)) {
            certificates.set(fingerprint, certificate)
            push(this.#bySubject, certificate.subject.normal, certificate)
          }
          const names = this.#fileNames.get(fingerprint) ?? new Set()
          this.#fileNames.set(fingerprint, names.add(stem(name)))
        }
      } else if (content?.kind === 'crls') {
        for (const crl of content.crls) {
          const key = createHash('sha256').update(crl.der).digest('hex')
          if (!crls.has(key)) push(this.#crls, crl.issuer.normal, crl)
          crls.add(key)
        }
      }
    }
    this.certificates = [...certificates.values()]
    for (const fingerprint of certificates.keys()) this.#trusted.add(fingerprint)
  }

  /** The trusted certificates whose subject is this name. */
  named(subject: Name): readonly Certificate[] {
    return this.#bySubject.get(subject.normal) ?? []
  }

  trusts(certificate: Certificate): boolean {
    return this.#trusted.has(certificate.fingerprint)
  }

  /** Every revocation list that says it comes from this name, whoever signed it. */
  crlsNamed(issuer: Name): readonly Crl[] {
    return this.#crls.get(issuer.normal) ?? []
  }

  /**
   * The policy files of a CA: those beside its certificate under the same file name, and those under either hash of
   * its subject. Of CAs with the same name, a hash file that is another one's own file isn't this one's too.
   */
  policiesOf(ca: Certificate): CaPolicies {
    const known = this.#policies.get(ca.fingerprint)
    if (known !== undefined) return known
    const own = this.#fileNames.get(ca.fingerprint) ?? new Set<string>()
    const hashes = new Set([ca.subject.hash, ca.subject.oldHash])
    const others = this.named(ca.subject).filter((other) => other.fingerprint !== ca.fingerprint)
    const othersOwn = new Set(others.flatMap((other) => [...(this.#fileNames.get(other.fingerprint) ?? [])]))
    const filesOf = (kind: 'signing_policy' | 'namespaces'): TrustFile[] => {
      const all = this.files.filter(({ name }) => name.endsWith(`.${kind}`))
      const aliased = all.filter(({ name }) => own.has(stem(name)) && !hashes.has(stem(name)))
      const foreign = new Set(
        all
          .filter(({ name }) => othersOwn.has(stem(name)) && !own.has(stem(name)) && !hashes.has(stem(name)))
          .map(({ digest }) => digest),
      )
      const hashed = all.filter(({ name, digest }) => hashes.has(stem(name)) && !foreign.has(digest))
      const seen = new Set<string>()
      return [...aliased, ...hashed].filter(({ digest }) => !seen.has(digest) && seen.add(digest))
    }
    const policies: CaPolicies = {
      signing: filesOf('signing_policy').map(({ name, content }) => ({
        file: name,
        ...(content?.kind === 'signing_policy' ? { policy: content.policy } : {}),
      })),
      namespaces: filesOf('namespaces').map(({ name, content }) => ({
        file: name,
        ...(content?.kind === 'namespaces' ? { policy: content.policy } : {}),
      })),
    }
    // A chain may bring certificates of its own: what is remembered has to stay bounded.
    if (this.#trusted.has(ca.fingerprint)) this.#policies.set(ca.fingerprint, policies)
    return policies
  }

  /** The files that couldn't be read, with what is done about it. */
  get problems(): readonly TrustFile[] {
    return this.files.filter(({ problem }) => problem !== undefined)
  }
}

const push = <Value>(map: Map<string, Value[]>, key: string, value: Value): void => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** `77e9d0a8.signing_policy` and `77e9d0a8.0` belong together, as `test-ca.pem` and `test-ca.namespaces` do. */
const stem = (file: string): string => file.replace(/\.(?:[0-9]+|pem|crt|cer|der|signing_policy|namespaces)$/, '')

/** Which kind of file its name says it is; undefined when it is of no concern (`.info`, `.crl_url`, …). */
export function trustFileKind(name: string): 'certificates' | 'crls' | 'signing_policy' | 'namespaces' | undefined {
  if (/^[0-9a-f]{8}\.[0-9]+$/.test(name) || /\.(?:pem|crt|cer|der)$/.test(name)) return 'certificates'
  if (/^[0-9a-f]{8}\.r[0-9]+$/.test(name) || /\.crl$/.test(name)) return 'crls'
  return /\.(signing_policy|namespaces)$/.exec(name)?.[1] as 'signing_policy' | 'namespaces' | undefined
}

/**
 * Reads the bytes of one file of a CA directory. A file that can't be read keeps the content of `previous`, its
 * earlier reading: a file that's being written says nothing new yet.
 */
export function readTrustFile(name: string, bytes: Buffer, previous?: TrustFile): TrustFile | undefined {
  const kind = trustFileKind(name)
  if (kind === undefined) return undefined
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (previous?.digest === digest) return previous
  try {
    return { name, digest, content: readContent(kind, bytes) }
  } catch (cause) {
    if (!(cause instanceof DhnError)) throw cause
    const content = previous?.content
    return { name, digest, problem: cause.message, ...(content === undefined ? {} : { content }) }
  }
}

const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE']
const crlLabel = 'X509 CRL'

function readContent(kind: NonNullable<ReturnType<typeof trustFileKind>>, bytes: Buffer): TrustContent {
  if (kind === 'signing_policy') return { kind, policy: readSigningPolicy(bytes.toString('utf8')) }
  if (kind === 'namespaces') return { kind, policy: readNamespaces(bytes.toString('utf8')) }
  const isPem = bytes[0] !== 0x30
  if (kind === 'crls' || (isPem && readPem(bytes.toString('latin1'))[0]?.label === crlLabel)) {
    const crls = pemOrDer(bytes, [crlLabel]).map((der) => new Crl(der))
    if (crls.length === 0) throw new CrlUnreadable('there is no X509 CRL block')
    return { kind: 'crls', crls }
  }
  const certificates = pemOrDer(bytes, certificateLabels).map((der) => new Certificate(der))
  if (certificates.length === 0)
    throw new CertificateUnreadable('malformed-certificate', 'there is no CERTIFICATE block')
  return { kind: 'certificates', certificates }
}
