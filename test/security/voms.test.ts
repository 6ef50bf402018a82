import { describe, expect, it } from 'vitest'
import { extension } from '../../src/security/make-certificate.ts'
import { Oid } from '../../src/security/oid.ts'
import { readTrustFile } from '../../src/security/trust-store.ts'
import { type Acceptance, validateChain } from '../../src/security/validate-chain.ts'
import { type VomsResult, vomsAttributes } from '../../src/security/voms.ts'
import { readLsc, VomsDirectory } from '../../src/security/voms-directory.ts'
import { type AcWishes, attributeCertificate, vomsProxy } from '../support/attribute-certificates.ts'
import { anExtension, ca, day, type Forged, general, minute, now, proxy, trust, user } from '../support/forge.ts'

const root = ca('/DC=x/CN=Root')
const alice = user('/DC=x/CN=Alice', root)
const bob = user('/DC=x/CN=Bob', root)
const server = user('/DC=x/OU=Hosts/CN=voms.x.org', root, { more: [extension.extKeyUsage(Oid.serverAuth)] })
const store = trust({ cas: [root] })
const lsc = '/DC=x/OU=Hosts/CN=voms.x.org\n/DC=x/CN=Root\n'
const directoryOf = (text: string, vo = 'test.vo', host = 'voms.x.org'): VomsDirectory =>
  new VomsDirectory(readLsc(text).map((chain) => ({ vo, host, chain })))

function attributesOf(chain: readonly Forged[], directory = directoryOf(lsc), at = now): VomsResult {
  const accepted = validateChain(
    chain.map(({ der }) => der),
    store,
    { at },
  ) as Acceptance
  expect(accepted.verdict).toMatch(/^accept/)
  return vomsAttributes(accepted, store, { at, directory, hostNames: ['dhn.x.org', '10.0.0.1'] })
}

/** The FQANs that Alice's proxy gives with such an attribute certificate, or why it gives none. */
function given(wishes: Partial<AcWishes> = {}, directory?: VomsDirectory): string {
  const der = attributeCertificate({ holder: alice, by: server, ...wishes })
  const { memberships, warnings } = attributesOf([vomsProxy(alice, der), alice], directory)
  return warnings.length > 0
    ? warnings.map(({ reason }) => reason).join()
    : memberships.flatMap(({ fqans }) => fqans).join()
}

describe('a VOMS attribute certificate', () => {
  it('gives groups and roles in their order, and generic attributes of the VO', () => {
    expect(given()).toBe('/test.vo')
    const fqans = ['/test.vo/a/Role=production/Capability=NULL', '/test.vo/Role=NULL/Capability=NULL']
    expect(given({ fqans })).toBe('/test.vo/a/Role=production,/test.vo')
    const der = attributeCertificate({ holder: alice, by: server, generic: { dl: '/diligent/devsec/DL1' } })
    expect(attributesOf([vomsProxy(alice, der), alice]).memberships).toEqual([
      {
        vo: 'test.vo',
        fqans: ['/test.vo'],
        generic: [{ name: 'dl', value: '/diligent/devsec/DL1', qualifier: 'test.vo' }],
        notAfter: now + day / 2,
      },
    ])
  })

  it('belongs to the holder of that serial number, by subject or by issuer', () => {
    expect(given({ holderName: root.name })).toBe('/test.vo')
    expect(given({ holder: bob })).toBe('holder-mismatch')
    expect(given({ holder: bob, holderName: root.name })).toBe('holder-mismatch')
    expect(given({ holder: bob, holderName: alice.name })).toBe('holder-mismatch')
    expect(given({ holderName: bob.name })).toBe('holder-mismatch')
  })

  it('is signed by the certificate in it, whose names are in the .lsc file of that host', () => {
    const forged = attributeCertificate({ holder: alice, by: { ...server, key: bob.key } })
    expect(attributesOf([vomsProxy(alice, forged), alice]).warnings[0]?.reason).toBe('ac-bad-signature')
    expect(given({ by: bob })).toBe('signer-not-in-lsc')
    expect(given({}, directoryOf('/DC=x/OU=Hosts/CN=other\n/DC=x/CN=Root\n'))).toBe('signer-not-in-lsc')
    expect(given({}, directoryOf('/DC=x/OU=Hosts/CN=voms.x.org\n/DC=x/CN=Other\n'))).toBe('signer-not-in-lsc')
    expect(given({ vo: 'other.vo' })).toBe('no-lsc-for-vo')
    expect(given({ host: 'evil.org' })).toBe('no-lsc-for-host')
    expect(given({ signers: [] })).toBe('signer-unknown')
    expect(given({}, new VomsDirectory([]))).toBe('no-lsc-for-vo')
    const two = `/CN=old\n/CN=older\n------ NEXT CHAIN ------\n${lsc}`
    expect(given({}, directoryOf(two))).toBe('/test.vo')
  })

  it('is not believed for the names alone: the signer’s chain holds', () => {
    const twin = ca('/DC=x/CN=Root')
    const imposter = user('/DC=x/OU=Hosts/CN=voms.x.org', twin)
    expect(given({ by: imposter })).toBe('signer-untrusted')
    expect(given({ by: imposter, signers: [imposter, twin] })).toBe('signer-untrusted')
    const expired = user('/DC=x/OU=Hosts/CN=voms.x.org', root, { notAfter: now - 1000 })
    expect(given({ by: expired })).toBe('signer-untrusted')
  })

  it('may be signed by a certificate that lies in the VOMS directory itself', () => {
    const content = readTrustFile('voms.pem', server.der)?.content
    const [certificate] = content?.kind === 'certificates' ? content.certificates : []
    const kept = new VomsDirectory([], certificate === undefined ? [] : [{ vo: 'test.vo', certificate }])
    expect(given({ signers: [] }, kept)).toBe('/test.vo')
    expect(given({}, kept)).toBe('/test.vo')
    expect(given({ vo: 'other.vo', signers: [] }, kept)).toBe('no-lsc-for-vo')
  })

  it('has its own life', () => {
    expect(given({ notAfter: now - 1000 })).toBe('ac-expired')
    expect(given({ notBefore: now + 4 * minute })).toBe('/test.vo')
    expect(given({ notBefore: now + 6 * minute })).toBe('ac-not-yet-valid')
  })

  it('counts on the hosts it names', () => {
    expect(given({ targets: [general.uri('dhn.x.org')] })).toBe('/test.vo')
    expect(given({ targets: [general.dns('a.org'), general.dns('DHN.x.org')] })).toBe('/test.vo')
    expect(given({ targets: [general.ip(10, 0, 0, 1)] })).toBe('/test.vo')
    expect(given({ targets: [general.dns('other.x.org')] })).toBe('ac-targeted-elsewhere')
    expect(given({ targets: [] })).toBe('ac-targeted-elsewhere')
  })

  it('speaks of its own VO only', () => {
    expect(given({ fqans: ['/other.vo/Role=NULL'] })).toBe('fqan-outside-vo')
    expect(given({ fqans: ['/test.vo', '/test.vo2'] })).toBe('fqan-outside-vo')
    expect(given({ fqans: ['/test.vo/..'] })).toBe('fqan-malformed')
    expect(given({ fqans: ['/test.vo/Role=a/Role=b'] })).toBe('fqan-malformed')
    expect(given({ fqans: ['/test.vo,/test.vo/admin'] })).toBe('fqan-malformed')
  })

  it('with an unknown critical extension gives nothing', () => {
    expect(given({ more: [anExtension('1.2.3.4', true)] })).toBe('ac-unknown-critical-extension')
    expect(given({ more: [anExtension('1.2.3.4', false)] })).toBe('/test.vo')
  })

  it('that is rubbish is a warning, and the others in the proxy count', () => {
    const good = attributeCertificate({ holder: alice, by: server })
    const found = attributesOf([vomsProxy(alice, Buffer.from('30030101ff', 'hex'), good), alice])
    expect(found.memberships.map(({ vo }) => vo)).toEqual(['test.vo'])
    expect(found.warnings.map(({ reason }) => reason)).toEqual(['ac-unreadable'])
    const rubbish = proxy(alice, { more: [anExtension(Oid.vomsAttributeCertificates, false, Buffer.from('x'))] })
    expect(attributesOf([rubbish, alice]).warnings.map(({ reason }) => reason)).toEqual(['ac-unreadable'])
  })

  it('counts in the proxy nearest to the leaf that has one', () => {
    const ac = (role: string): Buffer =>
      attributeCertificate({ holder: alice, by: server, fqans: [`/test.vo/Role=${role}`] })
    const first = vomsProxy(alice, ac('first'))
    const fqansOf = (...chain: Forged[]): readonly string[] =>
      attributesOf([...chain, alice]).memberships.flatMap(({ fqans }) => fqans)
    expect(fqansOf(proxy(first), first)).toEqual(['/test.vo/Role=first'])
    expect(fqansOf(vomsProxy(first, ac('second')), first)).toEqual(['/test.vo/Role=second'])
    const expired = attributeCertificate({ holder: alice, by: server, notAfter: now - 1 })
    expect(fqansOf(vomsProxy(first, expired), first)).toEqual([])
  })

  it('gives nothing to a proxy that inherits nothing, and nothing more than attributes to a limited one', () => {
    const der = attributeCertificate({ holder: alice, by: server })
    const carrier = vomsProxy(alice, der)
    expect(attributesOf([proxy(carrier, { language: Oid.independent }), carrier, alice]).memberships).toEqual([])
    const limited = proxy(carrier, { language: Oid.limited })
    expect(attributesOf([limited, carrier, alice]).memberships).toHaveLength(1)
  })

  it('with any byte changed gives nothing that it did not say', () => {
    const der = attributeCertificate({
      holder: alice,
      by: server,
      fqans: ['/test.vo/Role=production'],
      generic: { dl: 'x' },
    })
    for (let at = 0; at < der.length; at += 7) {
      const changed = Buffer.from(der)
      changed[at] = (changed[at] as number) ^ (1 << (at % 8))
      const { memberships } = attributesOf([vomsProxy(alice, changed), alice])
      expect(memberships, `byte ${at}`).toEqual([])
    }
  })
})
