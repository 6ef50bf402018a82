import { generateKeyPair, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { parseCredential } from './credential-file.ts'
import { issueCrl, openCa } from './issue.ts'
import { subjectHash } from './subject-hash.ts'

/** A host certificate of a CA whose key nobody has any more. Certificates and keys are PEM text. */
export interface ThrowAwayCredentials {
  readonly certificate: string
  /** PKCS#8. */
  readonly key: string
  readonly ca: {
    readonly certificate: string
    /** The CA's name as OpenSSL prints it in one line, such as `/O=dhn/CN=x`. */
    readonly name: string
    /** Its file is `<hash>.0` in a directory of CAs. */
    readonly hash: string
    /** What grid tools want beside it, as `<hash>.signing_policy`. */
    readonly signingPolicy: string
    /** An empty revocation list that lasts as long as the CA, as `<hash>.r0`: its key can revoke nothing any more. */
    readonly crl: string
  }
}

const day = 24 * 60 * 60 * 1000
/** How far clocks may differ. */
const skew = 60 * 60 * 1000

/**
 * Makes a CA, has it sign one host certificate, and forgets the CA's key.
 *
 * The host certificate is good for server and client, for `host`, `localhost` and the loopback addresses. Both are RSA with
 * SHA-256; the CA lives a day longer than what it signed.
 */
export async function makeThrowAwayCredentials(
  host: string,
  { days = 365, now = new Date() }: { readonly days?: number; readonly now?: Date } = {},
): Promise<ThrowAwayCredentials> {
  const [ca, own] = await Promise.all([newKeys(), newKeys()])
  const caName = [
    { shortName: 'O', value: 'dhn' },
    { shortName: 'OU', value: 'throw-away CA' },
    { shortName: 'CN', value: `CA ${randomBytes(4).toString('hex')} of ${host.slice(0, 40)}` },
  ]
  const hostName = [
    { shortName: 'O', value: 'dhn' },
    { shortName: 'OU', value: 'throw-away CA' },
    { shortName: 'CN', value: host.slice(0, 64) },
  ]
  const from = new Date(now.getTime() - skew)

  const caCertificate = newCertificate(ca.public, caName, caName, from, new Date(now.getTime() + (days + 1) * day))
  caCertificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ])
  caCertificate.sign(ca.private, forge.md.sha256.create())

  const certificate = newCertificate(own.public, hostName, caName, from, new Date(now.getTime() + days * day))
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames: alternativeNames(host) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: caCertificate.generateSubjectKeyIdentifier().getBytes() },
  ])
  certificate.sign(ca.private, forge.md.sha256.create())

  const caPem = forge.pki.certificateToPem(caCertificate)
  const name = caName.map(({ shortName, value }) => `/${shortName}=${value}`).join('')
  return {
    certificate: forge.pki.certificateToPem(certificate),
    key: own.privatePem,
    ca: {
      certificate: caPem,
      name,
      hash: subjectHash(forge.pki.distinguishedNameToAsn1(caCertificate.subject)),
      signingPolicy: signingPolicy(name),
      crl: issueCrl(openCa(parseCredential(`${caPem}${ca.privatePem}`)), { at: now.getTime(), days: days + 1 }),
    },
  }
}

interface Keys {
  readonly public: forge.pki.rsa.PublicKey
  readonly private: forge.pki.rsa.PrivateKey
  readonly privatePem: string
}

async function newKeys(): Promise<Keys> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return {
    public: forge.pki.publicKeyFromPem(publicKey),
    private: forge.pki.privateKeyFromPem(privateKey),
    privatePem: privateKey,
  }
}

function newCertificate(
  key: forge.pki.rsa.PublicKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  from: Date,
  to: Date,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = key
  // Positive and never zero: the first byte is from 01 to 7F.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x01
  certificate.serialNumber = serial.toString('hex')
  certificate.validity.notBefore = from
  certificate.validity.notAfter = to
  certificate.setSubject(subject)
  certificate.setIssuer(issuer)
  return certificate
}

const dnsName = 2
const address = 7

function alternativeNames(host: string): readonly object[] {
  const names = new Set(['localhost', host, '127.0.0.1', '::1'])
  return [...names].map((name) => (isIP(name) === 0 ? { type: dnsName, value: name } : { type: address, ip: name }))
}

/** Says that the CA may sign every name: the format of the Globus Toolkit's `signing_policy` files. */
const signingPolicy = (ca: string): string =>
  `access_id_CA   X509    '${ca}'
pos_rights     globus  CA:sign
cond_subjects  globus  '"*"'
`
