import type { KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Certificate } from '../../src/security/certificate.ts'
import { readCredential } from '../../src/security/credential-file.ts'
import {
  type Issued,
  issueCa,
  issueCrl,
  issueHost,
  issueProxy,
  issueUser,
  trustFiles,
} from '../../src/security/issue.ts'
import { oneLine } from '../../src/security/name-text.ts'
import { writePem } from '../../src/security/pem.ts'
import { type AcWishes, attributeCertificate, carrying } from './attribute-certificates.ts'
import { type Forged, proxy } from './forge.ts'

const DAY = 24 * 60 * 60 * 1000

export interface OwnCa {
  /** What the names of its users begin with. */
  readonly base: string
  /** PEM of certificate and key, and the serial number; it ends `life` milliseconds from now. */
  user(name: string, life?: number): { readonly text: string; readonly serial: Buffer }
  host(): Issued
  /** A proxy of a credential that carries a DIRAC group. */
  proxy(group: string, credential: string): string
  /** A proxy of a user's credential with an attribute certificate of the VOMS server of `test.vo`, which this CA has too. */
  vomsProxy(credential: string, wishes?: Partial<AcWishes>): string
  /** Lets its VOMS server speak for `test.vo`. */
  publishVoms(vomsDirectory: string): void
  limitedProxy(credential: string): string
  /** Puts it into a trust directory, with an empty revocation list. */
  publish(trust: string): void
  revoke(trust: string, ...serials: readonly Buffer[]): void
  /** Leaves its revocation list cut off. */
  halfWrite(trust: string): void
}

/** A CA of a test, with keys that are made quickly. */
export function ownCa(name = 'Own'): OwnCa {
  const root = `/DC=local/DC=${name.toLowerCase()}`
  const now = { at: Date.now(), days: 2, keyType: 'ec' } as const
  const ca = issueCa({ ...now, name: `${root}/CN=${name} CA` })
  const crl = (...serials: readonly Buffer[]): string => issueCrl(ca, { at: Date.now(), days: 1, serials })
  const lists = (text: string) => [...trustFiles(ca, text)].filter(([file]) => file.endsWith('.r0'))
  const voms = issueHost(ca, { ...now, names: ['voms.x.org'] })
  return {
    base: `${root}/OU=People`,
    user(person, life = DAY) {
      const made = issueUser(ca, { ...now, at: Date.now(), days: life / DAY, name: person })
      return { text: made.certificatePem + made.keyPem, serial: made.certificate.serial }
    },
    host: () => issueHost(ca, { ...now, names: ['localhost'] }),
    proxy: (group, credential) =>
      issueProxy(readCredential(credential), { at: Date.now(), hours: 1, group, keyType: 'ec' }).text,
    vomsProxy(credential, wishes = {}) {
      const { chain, key } = readCredential(credential, { keyRequired: true })
      const [holder, by] = [forged({ certificate: new Certificate(chain[0] as Buffer), key }), forged(voms)]
      const [notBefore, notAfter] = [Date.now() - 60_000, Date.now() + DAY / 2]
      const attributes = attributeCertificate({ holder, by, notBefore, notAfter, ...wishes })
      const made = proxy(holder, { notBefore, notAfter, more: [carrying(attributes)] })
      const keyPem = made.key.export({ format: 'pem', type: 'pkcs8' }) as string
      return [writePem('CERTIFICATE', made.der), keyPem, writePem('CERTIFICATE', holder.der)].join('')
    },
    publishVoms(vomsDirectory) {
      mkdirSync(join(vomsDirectory, 'test.vo'), { recursive: true })
      const names = [voms.certificate.subject, voms.certificate.issuer].map(oneLine)
      writeFileSync(join(vomsDirectory, 'test.vo', 'voms.x.org.lsc'), `${names.join('\n')}\n`)
    },
    limitedProxy: (credential) =>
      issueProxy(readCredential(credential), { at: Date.now(), hours: 1, limited: true, keyType: 'ec' }).text,
    publish: (trust) => writeTrust(trust, trustFiles(ca, crl())),
    revoke: (trust, ...serials) => writeTrust(trust, lists(crl(...serials))),
    halfWrite: (trust) => writeTrust(trust, lists(crl().slice(0, 100))),
  }
}

export function writeTrust(trust: string, files: Iterable<readonly [string, string]>): void {
  for (const [file, text] of files) writeFileSync(join(trust, file), text)
}

const forged = ({ certificate, key }: { certificate: Certificate; key: KeyObject | undefined }): Forged => ({
  certificate,
  der: certificate.der,
  name: certificate.subject,
  key: key as KeyObject,
})
