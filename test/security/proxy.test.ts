import { describe, expect, it } from 'vitest'
import { KeyUsage } from '../../src/security/extensions.ts'
import { extension } from '../../src/security/make-certificate.ts'
import { Name } from '../../src/security/name.ts'
import { Oid } from '../../src/security/oid.ts'
import { validateChain } from '../../src/security/validate-chain.ts'
import {
  anExtension,
  ca,
  dn,
  type Forged,
  forge,
  general,
  legacyProxy,
  now,
  proxy,
  proxyCertInfo,
  rawName,
  subjectAltName,
  trust,
  user,
  verdictOf,
} from '../support/forge.ts'

const root = ca('/DC=x/CN=Root')
const alice = user('/DC=x/CN=Alice', root)
const store = trust({ cas: [root] })
const judged = (...chain: Forged[]): string => verdictOf([...chain, alice], store)
const lenient = (...chain: Forged[]): string => verdictOf([...chain, alice], store, { legacyProxies: true })

/** A proxy that has `info` in place of its ProxyCertInfo. */
const having = (...info: ReturnType<typeof proxyCertInfo>[]): Forged =>
  proxy(alice, { extensions: [extension.keyUsage(KeyUsage.digitalSignature), ...info] })

describe('RFC 3820', () => {
  it('a proxy and a proxy of it stand for the user', () => {
    const one = proxy(alice)
    expect(judged(one)).toBe('accept proxy')
    expect(judged(proxy(one), one)).toBe('accept proxy')
  })

  it('the chain may come in any order after the first, twice, and with others among it', () => {
    const one = proxy(alice)
    const two = proxy(one)
    const bob = user('/DC=x/CN=Bob', root)
    expect(verdictOf([two, alice, two, bob, root, one], store)).toBe('accept proxy')
  })

  it('a user certificate that was renewed with its key may be there twice', () => {
    const before = user('/DC=x/CN=Alice', root, { key: alice.key, notAfter: now - 1000 })
    const one = proxy(alice)
    expect(verdictOf([one, before, alice], store)).toBe('accept proxy')
    expect(verdictOf([one, before], store)).toBe('reject expired-issuer')
  })

  it('the end entity has to come along', () => {
    const one = proxy(alice)
    expect(verdictOf([one], store)).toBe('reject incomplete-chain')
    expect(verdictOf([proxy(one), alice], store)).toBe('reject incomplete-chain')
  })

  it('the subject is the issuer’s with exactly one CN more', () => {
    const named = (subject: Name): string => judged(proxy(alice, { subject }))
    expect(named(dn('/DC=x/CN=Bob/CN=1'))).toBe('reject subject-not-issuer-plus-cn')
    expect(named(alice.name)).toBe('reject subject-not-issuer-plus-cn')
    expect(named(dn('/DC=x/CN=Alice/CN=1/CN=2'))).toBe('reject subject-not-issuer-plus-cn')
    expect(named(dn('/DC=x/CN=Alice/OU=1'))).toBe('reject subject-not-issuer-plus-cn')
    expect(named(dn('/DC=x/CN=Alice/CN=1+CN=2'))).toBe('reject subject-not-issuer-plus-cn')
    expect(named(dn('/DC=x/CN=Alice/CN=1+OU=2'))).toBe('reject subject-not-issuer-plus-cn')
  })

  it('the prefix may be in other string types, and nothing else', () => {
    const written = (tag: number, cn: string): string =>
      judged(
        proxy(alice, {
          subject: new Name(
            rawName([['0.9.2342.19200300.100.1.25', 0x16, 'x']], [['2.5.4.3', tag, cn]], [['2.5.4.3', 0x13, '77']]),
          ),
        }),
      )
    expect(written(0x13, 'Alice')).toBe('accept proxy')
    expect(written(0x13, 'Alicia')).toBe('reject subject-not-issuer-plus-cn')
  })

  it('ProxyCertInfo is critical, and has no text in languages that have none', () => {
    expect(judged(having(proxyCertInfo(false, Oid.inheritAll)))).toBe('reject pci-not-critical')
    expect(judged(having(proxyCertInfo(true, Oid.inheritAll, { policy: 'x' })))).toBe('reject policy-field-not-allowed')
    expect(judged(having(proxyCertInfo(true, Oid.independent, { policy: 'x' })))).toBe(
      'reject policy-field-not-allowed',
    )
    expect(judged(having(proxyCertInfo(true, '1.2.3', { policy: 'x' })))).toBe(
      'accept-norights unknown-policy-language',
    )
    const two = [
      proxyCertInfo(true, Oid.inheritAll),
      proxyCertInfo(true, Oid.inheritAll, { oid: Oid.draftProxyCertInfo }),
    ]
    expect(judged(having(...two))).toBe('reject duplicate-proxycertinfo')
  })

  it('a proxy is no CA and has no other names', () => {
    expect(judged(proxy(alice, { more: [extension.basicConstraints(true)] }))).toBe('reject proxy-is-ca')
    expect(judged(proxy(alice, { more: [extension.basicConstraints(false)] }))).toBe('accept proxy')
    const signs = extension.keyUsage(KeyUsage.digitalSignature, KeyUsage.keyCertSign)
    expect(judged(proxy(alice, { more: [signs] }))).toBe('reject proxy-has-keyCertSign')
    expect(judged(proxy(alice, { more: [subjectAltName(general.dns('a.org'))] }))).toBe('reject proxy-has-san')
    expect(judged(proxy(alice, { more: [anExtension(Oid.issuerAltName, false)] }))).toBe('reject proxy-has-ian')
    expect(judged(proxy(alice, { more: [anExtension('1.2.3', true)] }))).toBe('reject unknown-critical-extension')
  })

  it('path lengths bind everything below, the smallest wins', () => {
    const none = proxy(alice, { pathLength: 0 })
    expect(judged(none)).toBe('accept proxy')
    expect(judged(proxy(none), none)).toBe('reject proxy-path-length')
    const one = proxy(alice, { pathLength: 1 })
    const wide = proxy(one, { pathLength: 9 })
    expect(judged(wide, one)).toBe('accept proxy')
    expect(judged(proxy(wide), wide, one)).toBe('reject proxy-path-length')
  })

  it('an issuer without digitalSignature issues nothing, one without key usage may', () => {
    const dumb = user('/DC=x/CN=Dumb', root, { more: [extension.keyUsage(KeyUsage.keyEncipherment)] })
    expect(verdictOf([proxy(dumb), dumb], store)).toBe('reject issuer-lacks-digitalSignature')
    expect(verdictOf([dumb], store)).toBe('reject ku-lacks-digitalSignature')
    const free = user('/DC=x/CN=Free', root, { without: [Oid.keyUsage] })
    expect(verdictOf([proxy(free), free], store)).toBe('accept proxy')
    const mute = proxy(alice, { more: [extension.keyUsage(KeyUsage.keyEncipherment)] })
    expect(judged(proxy(mute), mute)).toBe('reject issuer-lacks-digitalSignature')
  })

  it('a CA issues no proxies, wherever its certificate comes from', () => {
    expect(verdictOf([proxy(root)], store)).toBe('reject proxy-issued-by-ca')
    expect(verdictOf([proxy(root), root], store)).toBe('reject proxy-issued-by-ca')
    const sub = ca('/DC=x/CN=Sub', { by: root })
    expect(verdictOf([proxy(sub), sub], store)).toBe('reject proxy-issued-by-ca')
  })

  it('a forged end entity of the same name is not the user', () => {
    const fake = forge('/DC=x/CN=Alice', [], {})
    expect(verdictOf([proxy(fake), fake], store)).toBe('reject untrusted-issuer-same-name')
    expect(verdictOf([proxy(fake), alice], store)).toBe('reject bad-signature')
    expect(verdictOf([proxy(fake), fake, alice], store)).toBe('reject untrusted-issuer-same-name')
    const mallory = user('/DC=x/CN=Mallory', root)
    const byMallory = user('/DC=x/CN=Alice', mallory)
    expect(verdictOf([proxy(byMallory), byMallory, mallory], store)).toBe('reject issuer-not-a-ca')
  })

  it('lives as its issuers live', () => {
    const old = user('/DC=x/CN=Old', root, { notAfter: now - 1000 })
    expect(verdictOf([proxy(old), old], store)).toBe('reject expired-issuer')
    const future = user('/DC=x/CN=Future', root, { notBefore: now + 400_000 })
    expect(verdictOf([proxy(future), future], store)).toBe('reject not-yet-valid-issuer')
  })
})

describe('rights', () => {
  it('limited stays limited, and a full proxy below is refused', () => {
    const limited = proxy(alice, { language: Oid.limited })
    expect(judged(limited)).toBe('accept-limited limited')
    expect(judged(proxy(limited, { language: Oid.limited }), limited)).toBe('accept-limited limited')
    expect(judged(proxy(limited), limited)).toBe('reject limited-is-sticky')
    const full = proxy(alice)
    expect(judged(proxy(full, { language: Oid.limited }), full)).toBe('accept-limited limited')
  })

  it('independent inherits nothing, and nobody below gets it back', () => {
    const independent = proxy(alice, { language: Oid.independent })
    expect(judged(independent)).toBe('accept-norights independent')
    expect(judged(proxy(independent), independent)).toBe('accept-norights independent')
    expect(judged(proxy(independent, { language: Oid.limited }), independent)).toBe('accept-norights independent')
    const limited = proxy(alice, { language: Oid.limited })
    const below = proxy(limited, { language: Oid.independent })
    expect(judged(below, limited)).toBe('accept-norights independent')
    expect(judged(proxy(below), below, limited)).toBe('reject limited-is-sticky')
  })

  it('the identity is the end entity’s, never a proxy’s', () => {
    const found = validateChain([proxy(alice, { language: Oid.independent }).der, alice.der], store, { at: now })
    expect(found).toMatchObject({ identityText: '/DC=x/CN=Alice' })
  })

  it('the DIRAC group is that of the proxy nearest to the user', () => {
    const groupOf = (...chain: Forged[]): unknown => {
      const found = validateChain(
        [...chain, alice].map(({ der }) => der),
        store,
        { at: now },
      )
      return found.verdict === 'reject' ? found.reason : found.diracGroup
    }
    const mine = proxy(alice, { more: [extension.diracGroup('dirac_user')] })
    const plain = proxy(alice)
    expect(groupOf(mine)).toBe('dirac_user')
    expect(groupOf(proxy(mine, { more: [extension.diracGroup('dirac_admin')] }), mine)).toBe('dirac_user')
    expect(groupOf(proxy(plain, { more: [extension.diracGroup('later')] }), plain)).toBe('later')
    expect(groupOf(plain)).toBeUndefined()
    const shouting = { ...extension.diracGroup('x'), critical: true }
    expect(groupOf(proxy(alice, { more: [shouting] }))).toBe('unknown-critical-extension')
  })
})

describe('older generations', () => {
  const draft = (by: Forged, language: string = Oid.inheritAll): Forged =>
    proxy(by, {
      extensions: [
        extension.keyUsage(KeyUsage.digitalSignature),
        proxyCertInfo(true, language, { oid: Oid.draftProxyCertInfo }),
      ],
    })

  it('are off unless they are wanted', () => {
    expect(judged(legacyProxy(alice))).toBe('reject legacy-off-by-default')
    expect(judged(draft(alice))).toBe('reject draft-off-by-default')
    expect(lenient(legacyProxy(alice))).toBe('accept proxy')
    expect(lenient(legacyProxy(alice, 'limited proxy'))).toBe('accept-limited limited')
    expect(lenient(draft(alice))).toBe('accept proxy')
    expect(lenient(draft(alice, Oid.limited))).toBe('accept-limited limited')
  })

  it('are never mixed', () => {
    const [old, drafted, modern] = [legacyProxy(alice), draft(alice), proxy(alice)]
    for (const chain of [
      [proxy(old), old],
      [legacyProxy(modern), modern],
      [draft(modern), modern],
      [proxy(drafted), drafted],
      [legacyProxy(drafted), drafted],
    ]) {
      expect(judged(...chain)).toBe('reject mixed-proxy-types')
      expect(lenient(...chain)).toBe('reject mixed-proxy-types')
    }
  })

  it('a full legacy proxy below a limited one is refused either way', () => {
    const limited = legacyProxy(alice, 'limited proxy')
    expect(judged(legacyProxy(limited), limited)).toBe('reject legacy-off-or-limited-is-sticky')
    expect(lenient(legacyProxy(limited), limited)).toBe('reject legacy-off-or-limited-is-sticky')
    expect(lenient(legacyProxy(limited, 'limited proxy'), limited)).toBe('accept-limited limited')
  })

  it('a user whose CA called him “proxy” is a user', () => {
    expect(verdictOf([user('/DC=x/CN=proxy', root)], store)).toBe('accept end-entity')
  })

  it('a certificate that looks like one but that a CA issued is refused', () => {
    const top = ca('/DC=x/CN=Top')
    const odd = legacyProxy(top)
    expect(verdictOf([odd], trust({ cas: [top] }), { legacyProxies: true })).toBe('reject proxy-issued-by-ca')
  })
})
