import { type KeyObject, randomInt } from 'node:crypto'
import { Certificate } from './certificate.ts'
import { type Credential, keyFits } from './credential-file.ts'
import { readDer } from './der.ts'
import { encodeInteger } from './der-write.ts'
import { CertificateNotMade, CredentialKeyMismatch } from './errors.ts'
import { type Extension, KeyUsage } from './extensions.ts'
import { extension, type KeyType, makeCertificate, makeCrl, makeKey } from './make-certificate.ts'
import { Name, type Rdn } from './name.ts'
import { attributeType, oneLine, readName } from './name-text.ts'
import { Oid } from './oid.ts'
import { writePem } from './pem.ts'
import { proxyKind } from './proxy.ts'

/** A certificate with its key, as files want them. */
export interface Issued {
  readonly certificate: Certificate
  readonly key: KeyObject
  readonly certificatePem: string
  /** PKCS#8 PEM, without pass phrase. */
  readonly keyPem: string
}

const DAY = 24 * 60 * 60 * 1000
/** Made for machines whose clocks are a little behind. */
const EARLIER = 10 * 60 * 1000

interface Life {
  /** ms since 1970. */
  readonly at: number
  readonly days: number
  readonly keyType: KeyType
}

/** A self-signed CA. `name` is in one-line or RFC 2253 form. */
export function issueCa({ name, at, days, keyType }: Life & { readonly name: string }): Issued {
  const key = makeKey(keyType)
  const subject = Name.of(readName(name))
  const der = makeCertificate(
    {
      subject,
      issuer: subject,
      key,
      notBefore: at - EARLIER,
      notAfter: at + days * DAY,
      extensions: [
        extension.basicConstraints(true),
        extension.keyUsage(KeyUsage.keyCertSign, KeyUsage.crlSign),
        extension.subjectKeyIdentifier(key),
      ],
    },
    key,
  )
  return asIssued(der, key)
}

/**
 * A host certificate: for serving and for calling, with the names that clients compare.
 *
 * @param request.names host names and addresses; the first one is the CN
 */
export function issueHost(ca: Issued, request: Life & { readonly names: readonly string[] }): Issued {
  const [first] = request.names
  if (first === undefined) throw new CertificateNotMade('a host has at least one name')
  return issueEndEntity(ca, request, nameUnder(ca, 'Hosts', first), [
    extension.extKeyUsage(Oid.serverAuth, Oid.clientAuth),
    extension.subjectAltName(...request.names),
  ])
}

/** A user certificate: for calling. */
export function issueUser(ca: Issued, request: Life & { readonly name: string; readonly email?: string }): Issued {
  return issueEndEntity(ca, request, nameUnder(ca, 'People', request.name), [
    extension.extKeyUsage(Oid.clientAuth, '1.3.6.1.5.5.7.3.4'),
    ...(request.email === undefined ? [] : [extension.subjectAltName(request.email)]),
  ])
}

function issueEndEntity(ca: Issued, life: Life, subject: Name, more: readonly Extension[]): Issued {
  const key = makeKey(life.keyType)
  const der = makeCertificate(
    {
      subject,
      issuer: ca.certificate.subject,
      key,
      notBefore: Math.max(life.at - EARLIER, ca.certificate.notBefore),
      notAfter: Math.min(life.at + life.days * DAY, ca.certificate.notAfter),
      extensions: [
        extension.basicConstraints(false),
        extension.keyUsage(...endEntityUsage(life.keyType)),
        ...more,
        extension.subjectKeyIdentifier(key),
        extension.authorityKeyIdentifier(ca.key),
      ],
    },
    ca.key,
  )
  return asIssued(der, key)
}

/** Only an RSA key can encipher another key. */
const endEntityUsage = (keyType: KeyType): number[] =>
  keyType === 'rsa' ? [KeyUsage.digitalSignature, KeyUsage.keyEncipherment] : [KeyUsage.digitalSignature]

/** A full name as given, or a bare one as CN below the CA's organisation, in the given unit. */
function nameUnder(ca: Issued, unit: string, name: string): Name {
  if (/^(?:\/|[A-Za-z]+=)/.test(name)) return Name.of(readName(name))
  const parents = ca.certificate.subject.rdns.filter((rdn) => rdn.every(({ type }) => type !== Oid.commonName))
  const rdn = (word: string, value: string): Rdn => [{ type: attributeType(word) as string, value }]
  return Name.of([...parents, rdn('OU', unit), rdn('CN', name)])
}

export interface ProxyRequest {
  readonly at: number
  readonly hours: number
  readonly keyType: KeyType
  readonly limited?: boolean
  readonly independent?: boolean
  /** How many proxies may be made from this one. */
  readonly pathLength?: number
  /** DIRAC group, kept by every proxy below. */
  readonly group?: string
}

/**
 * An RFC 3820 proxy of a credential, which never outlives it. The text is what grid tools read: the proxy, its key,
 * then the chain.
 *
 * @throws {CertificateNotMade} the credential is a CA, may have no proxies, or is limited and a full one is asked for
 * @throws {CredentialKeyMismatch}
 */
export function issueProxy(credential: Credential, request: ProxyRequest): Issued & { readonly text: string } {
  const chain = credential.chain.map((der) => new Certificate(der))
  const issuer = chain[0] as Certificate
  if (credential.key === undefined) throw new CertificateNotMade('the credential has no key without a pass phrase')
  if (!keyFits(credential.key, issuer)) throw new CredentialKeyMismatch(oneLine(issuer.subject))
  checkMayIssue(chain, request)
  const key = makeKey(request.keyType)
  const number = randomInt(1, 2 ** 32)
  const language = request.limited ? Oid.limited : request.independent ? Oid.independent : Oid.inheritAll
  const usage = [...endEntityUsage(request.keyType), ...(request.keyType === 'rsa' ? [KeyUsage.dataEncipherment] : [])]
  const der = makeCertificate(
    {
      subject: Name.append(issuer.subject, [{ type: Oid.commonName, value: String(number) }]),
      issuer: issuer.subject,
      key,
      serial: readDer(encodeInteger(number)).content,
      notBefore: Math.max(request.at - EARLIER, issuer.notBefore),
      notAfter: Math.min(request.at + request.hours * 60 * 60 * 1000, ...chain.map(({ notAfter }) => notAfter)),
      extensions: [
        extension.keyUsage(...usage),
        extension.proxyCertInfo(language, request.pathLength),
        ...(request.group === undefined ? [] : [extension.diracGroup(request.group)]),
      ],
    },
    credential.key,
  )
  const issued = asIssued(der, key)
  const rest = credential.chain.map((other) => writePem('CERTIFICATE', other)).join('')
  return { ...issued, text: issued.certificatePem + issued.keyPem + rest }
}

function checkMayIssue(chain: readonly Certificate[], request: ProxyRequest): void {
  const issuer = chain[0] as Certificate
  if (request.limited && request.independent)
    throw new CertificateNotMade('a proxy is limited or independent, not both')
  if (issuer.known.basicConstraints?.ca) throw new CertificateNotMade('a CA issues no proxies')
  const usage = issuer.known.keyUsage
  if (usage !== undefined && !usage.has(KeyUsage.digitalSignature)) {
    throw new CertificateNotMade('the key usage of the credential lacks digitalSignature')
  }
  if (proxyKind(issuer) !== undefined && proxyKind(issuer) !== 'rfc') {
    throw new CertificateNotMade('the credential is a proxy of an older kind')
  }
  const proxies = chain.slice(
    0,
    chain.findIndex((one) => proxyKind(one) === undefined),
  )
  for (const [below, { known }] of proxies.entries()) {
    if (known.proxyCertInfo?.language === Oid.limited && !request.limited) {
      throw new CertificateNotMade('the credential is limited: only limited proxies can be made of it')
    }
    const most = known.proxyCertInfo?.pathLength
    if (most !== undefined && below + 1 > most) throw new CertificateNotMade('the credential allows no more proxies')
  }
  if (request.group !== undefined && !/^[\x21-\x7e]+$/.test(request.group)) {
    throw new CertificateNotMade('a group is printable ASCII without spaces')
  }
}

/** A revocation list of this CA. `serials` are INTEGER contents, as `Certificate.serial` has them. */
export function issueCrl(
  ca: Issued,
  { at, days, serials = [] }: { readonly at: number; readonly days: number; readonly serials?: readonly Buffer[] },
): string {
  const der = makeCrl(
    {
      issuer: ca.certificate.subject,
      thisUpdate: at - EARLIER,
      nextUpdate: at + days * DAY,
      number: Math.floor(at / 1000),
      revoked: serials.map((serial) => ({ serial, at })),
      extensions: [extension.authorityKeyIdentifier(ca.key)],
    },
    ca.key,
  )
  return writePem('X509 CRL', der)
}

/**
 * The files that a trust directory needs for this CA, by name: certificate, policies and revocation list, each under
 * both hashes of its subject. It may sign what stands below its own name without the CN.
 */
export function trustFiles(ca: Issued, crl: string): ReadonlyMap<string, string> {
  const { subject } = ca.certificate
  const dn = oneLine(subject)
  const base = oneLine(Name.of(subject.rdns.filter((rdn) => rdn.every(({ type }) => type !== Oid.commonName))))
  const policy = `access_id_CA   X509    '${dn}'\npos_rights     globus  CA:sign\ncond_subjects  globus  '"${base}/*"'\n`
  const expression = `${base.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/.*`
  const namespaces = `#NAMESPACES-VERSION: 1.0\nTO Issuer "${dn}" \\\n  PERMIT Subject "${expression}"\n`
  const files = new Map<string, string>()
  for (const hash of [subject.hash, subject.oldHash]) {
    files.set(`${hash}.0`, ca.certificatePem)
    files.set(`${hash}.signing_policy`, policy)
    files.set(`${hash}.namespaces`, namespaces)
    files.set(`${hash}.r0`, crl)
  }
  return files
}

/**
 * A CA from its two PEM files, to go on issuing.
 *
 * @throws {CredentialKeyMismatch | CertificateNotMade | CertificateUnreadable}
 */
export function openCa(credential: Credential): Issued {
  const certificate = new Certificate(credential.chain[0] as Buffer)
  if (!certificate.known.basicConstraints?.ca) throw new CertificateNotMade(`${oneLine(certificate.subject)} is no CA`)
  if (credential.key === undefined) throw new CertificateNotMade('the CA has no key without a pass phrase')
  if (!keyFits(credential.key, certificate)) throw new CredentialKeyMismatch(oneLine(certificate.subject))
  return asIssued(certificate.der, credential.key)
}

function asIssued(der: Buffer, key: KeyObject): Issued {
  return {
    certificate: new Certificate(der),
    key,
    certificatePem: writePem('CERTIFICATE', der),
    keyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
