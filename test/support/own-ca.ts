import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

const DAY = 24 * 60 * 60 * 1000

export interface OwnCa {
  /** What the names of its users begin with. */
  readonly base: string
  /** PEM of certificate and key, and the serial number; it ends `life` milliseconds from now. */
  user(name: string, life?: number): { readonly text: string; readonly serial: Buffer }
  host(): Issued
  /** A proxy of a credential that carries a DIRAC group. */
  proxy(group: string, credential: string): string
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
  return {
    base: `${root}/OU=People`,
    user(person, life = DAY) {
      const made = issueUser(ca, { ...now, at: Date.now(), days: life / DAY, name: person })
      return { text: made.certificatePem + made.keyPem, serial: made.certificate.serial }
    },
    host: () => issueHost(ca, { ...now, names: ['localhost'] }),
    proxy: (group, credential) =>
      issueProxy(readCredential(credential), { at: Date.now(), hours: 1, group, keyType: 'ec' }).text,
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
