import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Certificate } from '../../src/security/certificate.ts'
import { parseCredential } from '../../src/security/credential-file.ts'
import { oneLine, unescapedOneLine } from '../../src/security/name-text.ts'
import { readTrustFile, type TrustFile, TrustStore } from '../../src/security/trust-store.ts'
import { validateChain } from '../../src/security/validate-chain.ts'

const folder = new URL('../corpus/dirac-wire/certs/', import.meta.url)
const read = (file: string): Buffer => readFileSync(new URL(file, folder))
/** All of them lived at this moment. */
const at = Date.UTC(2026, 10, 22, 7, 5)

/** What DIRAC says of a chain that it wrote. */
interface Said {
  readonly file: string
  readonly isProxy: boolean
  readonly isLimitedProxy: boolean
  readonly isValidProxy: readonly [boolean, unknown]
  readonly hasExpired_when_written: boolean
  readonly notAfter: string
  readonly DIRACGroup: readonly [boolean, unknown]
  readonly credentials: { readonly subject: string; readonly DN: string; readonly identity?: string }
}
const said = JSON.parse(read('chains.json').toString()) as Said[]

/** Chains of which DIRAC thinks otherwise than the specifications, and what is right. */
const otherwise: Readonly<Record<string, string>> = {
  // A full proxy of a limited one: DIRAC takes the proxy for a user of that name.
  'full-proxy-of-limited-proxy.pem': 'reject limited-is-sticky',
  // A proxy without the certificate of its user: the same.
  'proxy-leaf-only.pem': 'reject incomplete-chain',
  'mismatched-chain.pem': 'reject incomplete-chain',
  // The leaf sent twice is still a proxy of its user.
  'duplicated-leaf-as-tornado-builds-it.pem': 'accept proxy',
}

describe('the chains that DIRAC wrote', () => {
  const ca = read('ca.cert.pem')
  const name = oneLine(new Certificate(parseCredential(ca.toString()).chain[0] as Buffer).subject)
  const policy = `access_id_CA X509 '${name}'\npos_rights globus CA:sign\ncond_subjects globus '"/C=ch/O=DIRAC/*"'\n`
  const files = [readTrustFile('ca.pem', ca), readTrustFile('ca.signing_policy', Buffer.from(policy))]
  const store = new TrustStore(files as TrustFile[])

  it.each(said.map((one) => [one.file, one] as const))('%s', (file, one) => {
    const { chain } = parseCredential(read(file).toString())
    const found = validateChain(chain, store, { at, crls: 'if-present' })
    const verdict = `${found.verdict} ${found.reason}`
    if (otherwise[file] !== undefined) {
      expect(verdict).toBe(otherwise[file])
      return
    }
    if (found.verdict === 'reject') throw new Error(found.message)
    expect(found.proxy !== undefined).toBe(one.isProxy)
    expect(found.proxy?.limited ?? false).toBe(one.isLimitedProxy)
    expect(unescapedOneLine(found.identity)).toBe(one.credentials.identity ?? one.credentials.DN)
    expect(unescapedOneLine(new Certificate(chain[0] as Buffer).subject)).toBe(one.credentials.subject)
    const group = one.DIRACGroup[0] && typeof one.DIRACGroup[1] === 'string' ? one.DIRACGroup[1] : undefined
    expect(found.diracGroup).toBe(group)
    const ends = chain.map((der) => new Certificate(der).notAfter)
    expect(Math.min(...ends)).toBe(Date.parse(`${one.notAfter.replace(' ', 'T')}Z`))
  })

  it('has an expired one, which has expired', () => {
    const { chain } = parseCredential(read('proxy-expired.pem').toString())
    const later = Date.UTC(2026, 10, 22, 7, 12)
    expect(validateChain(chain, store, { at: later, crls: 'if-present' })).toMatchObject({ reason: 'expired' })
  })
})
