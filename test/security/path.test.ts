import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DerReader, readDer, Tag } from '../../src/security/der.ts'
import { encode, encodeBits, encodeOid, encodeSequence } from '../../src/security/der-write.ts'
import { KeyUsage } from '../../src/security/extensions.ts'
import { encodeSigned, extension, makeKey } from '../../src/security/make-certificate.ts'
import { Name } from '../../src/security/name.ts'
import { Oid } from '../../src/security/oid.ts'
import { validateChain } from '../../src/security/validate-chain.ts'
import {
  anExtension,
  ca,
  day,
  dn,
  emptyCrl,
  forge,
  general,
  minute,
  nameConstraints,
  now,
  proxy,
  rawName,
  subjectAltName,
  trust,
  user,
  verdictOf,
} from '../support/forge.ts'

const root = ca('/DC=x/CN=Root')
const alice = user('/DC=x/CN=Alice', root)
const store = trust({ cas: [root] })

describe('a chain', () => {
  it('is accepted in its plainest form', () => {
    expect(verdictOf([alice], store)).toBe('accept end-entity')
    expect(verdictOf([alice, root], store)).toBe('accept end-entity')
  })

  it('is refused when it is empty, too long or too large, before anything is read', () => {
    const many = new Array<Buffer>(21).fill(alice.der)
    expect(verdictOf([], store)).toBe('reject no-certificate')
    expect(verdictOf(many, store)).toBe('reject too-many-certificates')
    expect(verdictOf(many.slice(0, 20), store)).toBe('accept end-entity')
    expect(verdictOf([Buffer.alloc(16_385, 0x30)], store)).toBe('reject certificate-too-large')
    const fat = user('/DC=x/CN=Fat', root, { more: [anExtension('1.2.3.4', false, Buffer.alloc(14_000))] })
    expect(verdictOf([fat], store)).toBe('accept end-entity')
    expect(verdictOf([alice, fat, fat, fat, fat, fat], store)).toBe('reject chain-too-large')
  })

  it('of twenty certificates of one name and key ends in bounded time', () => {
    const key = makeKey('ec')
    const cas = Array.from({ length: 19 }, (_, at) => ca('/DC=x/CN=Loop', { key, serial: Buffer.from([at + 1]) }))
    const leaf = user('/DC=x/CN=Leaf', cas[0] as (typeof cas)[0])
    const started = performance.now()
    expect(verdictOf([leaf, ...cas], store)).toMatch(/^reject (path-too-complex|untrusted-issuer)$/)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('leads over a CA that it brings itself, if that has a policy and a list here', () => {
    const sub = ca('/DC=x/CN=Sub', { by: root })
    const bob = user('/DC=x/CN=Bob', sub)
    const policies = { 'ca0.signing_policy': policyFor('/DC=x/CN=Root') }
    const withSub = { ...policies, [`${sub.name.hash}.signing_policy`]: policyFor('/DC=x/CN=Sub') }
    const crls = { '0.crl': emptyCrl(root) }
    expect(verdictOf([bob], trust({ cas: [root], policies, crls }))).toBe('reject incomplete-chain')
    expect(verdictOf([bob, sub], trust({ cas: [root], policies, crls }))).toBe('reject signing-policy-missing')
    expect(verdictOf([bob, sub], trust({ cas: [root], policies: withSub, crls }))).toBe('reject crl-missing')
    const all = trust({ cas: [root], policies: withSub, crls: { ...crls, '1.crl': emptyCrl(sub) } })
    expect(verdictOf([bob, sub], all)).toBe('accept end-entity')
  })

  it('has no anchor in itself, and none in a CA that is not self-signed', () => {
    const sub = ca('/DC=x/CN=Sub', { by: root })
    const bob = user('/DC=x/CN=Bob', sub)
    expect(verdictOf([bob, sub, root], trust({ cas: [] }))).toBe('reject untrusted-issuer')
    expect(verdictOf([bob], trust({ cas: [sub] }))).toBe('reject incomplete-chain')
  })

  it('finds the right one of several CAs with one name', () => {
    const twin = ca('/DC=x/CN=Root')
    const carol = user('/DC=x/CN=Carol', twin)
    const both = trust({ cas: [root, twin] })
    expect([verdictOf([alice], both), verdictOf([carol], both)]).toEqual(['accept end-entity', 'accept end-entity'])
    expect(verdictOf([carol], store)).toBe('reject untrusted-issuer-same-name')
  })

  it('finds the way that holds when a CA is there under an old and a new certificate', () => {
    const key = makeKey('ec')
    const old = ca('/DC=x/CN=Renewed', { key, notAfter: now - day })
    const fresh = ca('/DC=x/CN=Renewed', { key })
    const dora = user('/DC=x/CN=Dora', fresh)
    expect(verdictOf([dora], trust({ cas: [old, fresh] }))).toBe('accept end-entity')
    expect(verdictOf([dora], trust({ cas: [old] }))).toBe('reject expired-issuer')
  })

  it('with a changed signature tells a forgery from a stranger by the key identifier', () => {
    const known = user('/DC=x/CN=Eve', root, { more: [extension.authorityKeyIdentifier(root.key)] })
    const changed = Buffer.from(known.der)
    changed[changed.length - 3] = (changed[changed.length - 3] as number) ^ 1
    expect(verdictOf([changed], store)).toBe('reject bad-signature')
  })

  it('signed by itself is nobody, whatever it is called, even when it lies among the CAs', () => {
    const self = forge('/DC=x/CN=Alice', [extension.keyUsage(KeyUsage.digitalSignature)], {})
    expect(verdictOf([self], store)).toBe('reject self-signed-same-name')
    expect(verdictOf([self], trust({ cas: [root, self] }))).toBe('reject self-signed-same-name')
    expect(verdictOf([ca('/DC=x/CN=Root')], store)).toBe('reject self-signed-same-name')
    expect(verdictOf([root], store)).toBe('reject end-entity-is-a-ca')
    expect(verdictOf([ca('/DC=x/CN=Sub', { by: root })], store)).toBe('reject end-entity-is-a-ca')
  })

  it('is no path through a certificate that is no CA', () => {
    const mallory = user('/DC=x/CN=Mallory', root)
    expect(verdictOf([user('/DC=x/CN=Alice', mallory), mallory], store)).toBe('reject issuer-not-a-ca')
    const below = Name.append(mallory.name, [{ type: Oid.commonName, value: '1' }])
    expect(verdictOf([user(below, mallory), mallory], store)).toBe('reject not-a-proxy-and-issuer-not-a-ca')
    const bare = forge('/DC=x/CN=Bare', [], { by: root })
    expect(verdictOf([user('/DC=x/CN=Alice', bare), bare], store)).toBe('reject issuer-not-a-ca')
  })
})

const policyFor = (name: string): string =>
  `access_id_CA X509 '${name}'\npos_rights globus CA:sign\ncond_subjects globus '"/DC=x/*"'\n`

describe('RFC 5280', () => {
  it('lives: both ends belong to it, the clock may be five minutes early and never late', () => {
    const lived = (notBefore: number, notAfter: number): string =>
      verdictOf([user('/DC=x/CN=A', root, { notBefore, notAfter })], store)
    expect(lived(now, now)).toBe('accept end-entity')
    expect(lived(now - day, now - 1000)).toBe('reject expired')
    expect(lived(now + 5 * minute, now + day)).toBe('accept end-entity')
    expect(lived(now + 5 * minute + 1000, now + day)).toBe('reject not-yet-valid')
  })

  it('years from 2050 are written and read as GeneralizedTime, and 1999 is not 2099', () => {
    const late = ca('/DC=x/CN=Late', { notBefore: Date.UTC(1999, 0, 1), notAfter: Date.UTC(2095, 0, 1) })
    const far = user('/DC=x/CN=Far', late, { notAfter: Date.UTC(2060, 0, 1) })
    const there = trust({ cas: [late], crls: { '0.crl': emptyCrl(late, { nextUpdate: Date.UTC(2061, 0, 1) }) } })
    expect(verdictOf([far], there, { at: Date.UTC(2059, 11, 31) })).toBe('accept end-entity')
    expect(verdictOf([far], there, { at: Date.UTC(2060, 0, 2) })).toBe('reject expired')
  })

  it('path length counts CAs below, but not those that renew themselves', () => {
    const top = ca('/DC=x/CN=Top', { pathLength: 0 })
    const renewed = ca('/DC=x/CN=Top', { by: top })
    const other = ca('/DC=x/CN=Other', { by: top })
    const cas = [top, renewed, other]
    expect(verdictOf([user('/DC=x/CN=A', renewed)], trust({ cas }))).toBe('accept end-entity')
    expect(verdictOf([user('/DC=x/CN=A', other)], trust({ cas }))).toBe('reject ca-path-length')
  })

  it('a CA without keyCertSign signs nothing', () => {
    const weak = ca('/DC=x/CN=Weak', { more: [extension.keyUsage(KeyUsage.crlSign)] })
    expect(verdictOf([user('/DC=x/CN=A', weak)], trust({ cas: [weak] }))).toBe('reject issuer-lacks-keyCertSign')
  })

  it('serial numbers are positive and short', () => {
    const numbered = (...serial: number[]): string =>
      verdictOf([user('/DC=x/CN=A', root, { serial: Buffer.from(serial) })], store)
    expect(numbered(0)).toBe('reject bad-serial')
    expect(numbered(...new Array<number>(20).fill(0x7f))).toBe('accept end-entity')
    expect(numbered(...new Array<number>(21).fill(0x7f))).toBe('reject bad-serial')
  })

  it('names are compared without regard to string type, case and white space', () => {
    const printable = new Name(rawName([['2.5.4.10', 0x13, 'The  Grid']], [['2.5.4.3', 0x13, 'ROOT ca']]))
    const utf8 = new Name(rawName([['2.5.4.10', 0x0c, 'the Grid ']], [['2.5.4.3', 0x0c, 'Root CA']]))
    const odd = ca(printable)
    const a = user('/O=The Grid/CN=A', odd, { issuer: utf8 })
    expect(verdictOf([a], trust({ cas: [odd], policies: { 'ca0.signing_policy': anyPolicy(odd.name) } }))).toBe(
      'accept end-entity',
    )
  })

  it('extended key usage narrows, on CAs and proxies too', () => {
    const serving = ca('/DC=x/CN=Serving', { more: [extension.extKeyUsage(Oid.serverAuth)] })
    expect(verdictOf([user('/DC=x/CN=A', serving)], trust({ cas: [serving] }))).toBe('reject eku-lacks-clientAuth')
    const any = user('/DC=x/CN=A', root, { more: [extension.extKeyUsage(Oid.anyExtendedKeyUsage)] })
    expect(verdictOf([any], store)).toBe('accept end-entity')
    const narrow = proxy(alice, { more: [extension.extKeyUsage(Oid.serverAuth)] })
    expect(verdictOf([narrow, alice], store)).toBe('reject eku-lacks-clientAuth')
  })

  it('an unknown critical extension refuses wherever it is, others do not', () => {
    const odd = (critical: boolean): string =>
      verdictOf([user('/DC=x/CN=A', root, { more: [anExtension('1.2.3.4.5', critical)] })], store)
    expect([odd(true), odd(false)]).toEqual(['reject unknown-critical-extension', 'accept end-entity'])
    const top = ca('/DC=x/CN=T', { more: [anExtension('1.2.3.4.5', true)] })
    expect(verdictOf([user('/DC=x/CN=A', top)], trust({ cas: [top] }))).toBe('reject unknown-critical-extension')
  })

  it('certificate policies may be there, but not be asked for', () => {
    const asking = ca('/DC=x/CN=Asking', {
      more: [anExtension(Oid.policyConstraints, true, Buffer.from('3003800100', 'hex'))],
    })
    expect(verdictOf([user('/DC=x/CN=A', asking)], trust({ cas: [asking] }))).toBe('reject certificate-policy')
  })

  it('keys and digests are strong: RSA with exponent 1, short or odd-sized keys are not', () => {
    const spki = (modulus: string, exponent: string): Buffer =>
      rsaKey(Buffer.from(modulus, 'hex'), Buffer.from(exponent, 'hex'))
    const good = `00${'c3'.repeat(255)}c5`
    for (const [modulus, exponent, expected] of [
      [good, '010001', 'accept end-entity'],
      [good, '03', 'accept end-entity'],
      [good, '01', 'reject weak-key'],
      [good, '010000', 'reject weak-key'],
      [`00${'c3'.repeat(127)}c5`, '010001', 'reject weak-key'],
    ] as const) {
      expect(verdictOf([withSpki(spki(modulus, exponent))], store)).toBe(expected)
    }
    expect(verdictOf([withSpki(spki(`00${'c3'.repeat(127)}c5`, '010001'))], store, { weakAlgorithms: true })).toBe(
      'accept end-entity',
    )
    expect(verdictOf([withSpki(spki(`00${'c3'.repeat(63)}c5`, '010001'))], store, { weakAlgorithms: true })).toBe(
      'reject weak-key',
    )
  })

  it('the end of the whole is the earliest end in it', () => {
    const short = ca('/DC=x/CN=Short', { notAfter: now + minute })
    const a = user('/DC=x/CN=A', short)
    const found = validateChain([proxy(a).der, a.der], trust({ cas: [short] }), { at: now })
    expect(found).toMatchObject({ verdict: 'accept', notAfter: now + minute })
  })
})

const anyPolicy = (name: Name): string =>
  `access_id_CA X509 '${name.rdns.map((rdn) => `/${rdn[0]?.type === '2.5.4.10' ? 'O' : 'CN'}=${rdn[0]?.value}`).join('')}'\n` +
  "pos_rights globus CA:sign\ncond_subjects globus '*'\n"

function rsaKey(modulus: Buffer, exponent: Buffer): Buffer {
  const key = encodeSequence(encode(2, modulus), encode(2, exponent))
  return encodeSequence(encodeSequence(encodeOid(Oid.rsa), encode(5)), encodeBits(key))
}

/** A user certificate for any key, well signed, without having its private half. */
function withSpki(spki: Buffer): Buffer {
  const key = { type: 'public', export: () => spki } as unknown as KeyObject
  return user('/DC=x/CN=Odd Key', root, { key }).der
}

describe('name constraints (RFC 5280 4.2.1.10)', () => {
  const constrained = (permitted: Buffer[], excluded: Buffer[] = []) => {
    const top = ca('/DC=x/CN=Constrained', { more: [nameConstraints(permitted, excluded)] })
    const there = trust({ cas: [top] })
    return (subject: string, ...names: Buffer[]): string =>
      verdictOf([user(subject, top, names.length === 0 ? {} : { more: [subjectAltName(...names)] })], there).split(
        ' ',
      )[1] as string
  }

  it('directory names: a prefix of whole relative names', () => {
    const named = constrained([general.directory('/DC=x/OU=People')])
    expect(named('/DC=x/OU=People/CN=A')).toBe('end-entity')
    expect(named('/DC=x/OU=people/CN=A')).toBe('end-entity')
    expect(named('/DC=x/OU=Peoples/CN=A')).toBe('name-constraints')
    expect(named('/DC=x/CN=A')).toBe('name-constraints')
    expect(constrained([], [general.directory('/DC=x/OU=Bad')])('/DC=x/OU=Bad/CN=A')).toBe('name-constraints')
  })

  it('host names: the name itself and those below it', () => {
    const named = constrained([general.dns('example.org')], [general.dns('secret.example.org')])
    expect(named('/DC=x/CN=A', general.dns('example.org'))).toBe('end-entity')
    expect(named('/DC=x/CN=A', general.dns('a.EXAMPLE.org'))).toBe('end-entity')
    expect(named('/DC=x/CN=A', general.dns('badexample.org'))).toBe('name-constraints')
    expect(named('/DC=x/CN=A', general.dns('x.secret.example.org'))).toBe('name-constraints')
    expect(named('/DC=x/CN=A', general.dns('a.example.org'), general.dns('evil.net'))).toBe('name-constraints')
    expect(named('/DC=x/CN=A')).toBe('end-entity')
  })

  it('mailboxes: of a host, of all hosts below a domain, or one; in the subject too', () => {
    const host = constrained([general.email('example.org')])
    expect(host('/DC=x/CN=A', general.email('a@example.org'))).toBe('end-entity')
    expect(host('/DC=x/CN=A', general.email('a@b.example.org'))).toBe('name-constraints')
    expect(host('/DC=x/CN=A/emailAddress=a@evil.net')).toBe('name-constraints')
    expect(host('/DC=x/CN=A/emailAddress=a@example.org')).toBe('end-entity')
    expect(constrained([general.email('.example.org')])('/DC=x/CN=A', general.email('a@b.example.org'))).toBe(
      'end-entity',
    )
    const one = constrained([general.email('a@example.org')])
    expect(one('/DC=x/CN=A', general.email('a@EXAMPLE.org'))).toBe('end-entity')
    expect(one('/DC=x/CN=A', general.email('b@example.org'))).toBe('name-constraints')
    expect(one('/DC=x/CN=A', general.email('no-mailbox'))).toBe('name-constraints')
  })

  it('addresses: within the net, of the same family', () => {
    const net = constrained([general.ip(10, 1, 0, 0, 255, 255, 0, 0)])
    expect(net('/DC=x/CN=A', general.ip(10, 1, 2, 3))).toBe('end-entity')
    expect(net('/DC=x/CN=A', general.ip(10, 2, 2, 3))).toBe('name-constraints')
    expect(net('/DC=x/CN=A', general.ip(...new Array<number>(16).fill(0)))).toBe('name-constraints')
    expect(net('/DC=x/CN=A', general.ip(10, 1, 2))).toBe('name-constraints')
  })

  it('URIs: by their host; those without one meet no constraint', () => {
    const named = constrained([general.uri('.example.org')])
    expect(named('/DC=x/CN=A', general.uri('https://a.example.org/x'))).toBe('end-entity')
    expect(named('/DC=x/CN=A', general.uri('https://user@evil.net:1/a.example.org'))).toBe('name-constraints')
    expect(named('/DC=x/CN=A', general.uri('urn:x'))).toBe('name-constraints')
    expect(named('/DC=x/CN=A', general.uri('https://10.0.0.1/'))).toBe('name-constraints')
  })

  it('kinds that are not compared refuse as soon as both are there', () => {
    expect(constrained([], [general.other()])('/DC=x/CN=A', general.other())).toBe('name-constraints')
    expect(constrained([general.other()])('/DC=x/CN=A', general.other())).toBe('name-constraints')
    expect(constrained([general.other()])('/DC=x/CN=A', general.dns('a.org'))).toBe('end-entity')
  })

  it('bind every certificate below, but no proxy', () => {
    const top = ca('/DC=x/CN=T', { more: [nameConstraints([general.directory('/DC=x')])] })
    const outside = ca('/DC=y/CN=Outside', { by: top })
    expect(verdictOf([user('/DC=x/CN=A', outside)], trust({ cas: [top, outside] }))).toBe('reject name-constraints')
    const a = user('/DC=x/CN=A', top)
    expect(verdictOf([proxy(a), a], trust({ cas: [top] }))).toBe('accept proxy')
  })

  it('too many to compare are refused, and quickly', () => {
    const bases = Array.from({ length: 300 }, (_, at) => general.dns(`h${at}.org`))
    const names = Array.from({ length: 300 }, (_, at) => general.dns(`n${at}.org`))
    expect(constrained([], bases)('/DC=x/CN=A', ...names)).toBe('name-constraints')
  })
})

describe('the form of a certificate', () => {
  const formOf = (subject: Buffer): string =>
    verdictOf([user(rawSubject(subject), root)], store).split(' ')[1] as string
  /** Name refuses to read what these tests put into certificates, so this one only carries bytes. */
  const rawSubject = (der: Buffer): Name => ({ der }) as Name

  it('holds no NUL and no control characters, in whatever string type', () => {
    expect(formOf(rawName([['2.5.4.3', 0x0c, 'Alice\0.evil']]))).toBe('nul-in-name')
    expect(formOf(rawName([['2.5.4.3', 0x1e, Buffer.from('00410000', 'hex')]]))).toBe('nul-in-name')
    expect(formOf(rawName([['2.5.4.3', 0x13, 'Al\nice']]))).toBe('control-character-in-name')
    expect(formOf(rawName([['2.5.4.3', 0x0c, 'Al\u0085ice']]))).toBe('control-character-in-name')
    expect(formOf(rawName([['2.5.4.3', 0x14, Buffer.from([0x41, 0x1b, 0x2e])]]))).toBe('control-character-in-name')
  })

  it('holds no broken text and no endless names', () => {
    expect(formOf(rawName([['2.5.4.3', 0x0c, Buffer.from([0xc3])]]))).toBe('malformed-certificate')
    expect(formOf(rawName([['2.5.4.3', 0x0c, Buffer.from([0xc0, 0x80])]]))).toBe('malformed-certificate')
    expect(formOf(rawName([['2.5.4.3', 0x1e, Buffer.from('d800', 'hex')]]))).toBe('malformed-certificate')
    expect(formOf(rawName([['2.5.4.3', 0x13, Buffer.from([0xe9])]]))).toBe('malformed-certificate')
    const parts = Array.from({ length: 101 }, () => [['2.5.4.3', 0x0c, 'a']] as const)
    expect(formOf(rawName(...parts))).toBe('malformed-certificate')
    expect(formOf(rawName([['2.5.4.3', 0x0c, 'Zoë']], [['2.5.4.3', 0x1e, Buffer.from('00eb', 'hex')]]))).toBe(
      'end-entity',
    )
    expect(formOf(rawName())).toBe('empty-subject')
  })

  it('has no extension twice', () => {
    const twice = [anExtension('1.2.3.4', false), anExtension('1.2.3.4', false)]
    expect(verdictOf([user('/DC=x/CN=A', root, { more: twice })], store)).toBe('reject duplicate-extension')
    const info = [extension.proxyCertInfo(Oid.inheritAll), extension.proxyCertInfo(Oid.inheritAll)]
    expect(verdictOf([proxy(alice, { extensions: info }), alice], store)).toBe('reject duplicate-proxycertinfo')
  })

  it('may have a name of several values, and two CAs of a name that differ in their order are one', () => {
    const one = dn('/DC=x/CN=Multi+emailAddress=m@x.org')
    expect(verdictOf([user(one, root)], store)).toBe('accept end-entity')
  })

  it('names one signature algorithm', () => {
    const changed = Buffer.from(alice.der)
    // The outer identifier is the last one: ecdsa-with-SHA256 becomes ecdsa-with-SHA384.
    const at = changed.lastIndexOf(Buffer.from('2a8648ce3d040302', 'hex'))
    changed[at + 7] = 3
    expect(verdictOf([changed], store)).toBe('reject signature-algorithm-mismatch')
  })

  it('is version 3', () => {
    const old = forge('/DC=x/CN=Old', [], { by: root, extensions: [] })
    const v1 = Buffer.from(old.der)
    expect(verdictOf([asVersion1(v1)], store)).toBe('reject not-version-3')
  })
})

/** The same certificate without its version, signed anew. */
function asVersion1(der: Buffer): Buffer {
  const outer = new DerReader(readDer(der, Tag.sequence).content)
  const tbs = outer.sequence()
  tbs.value()
  const parts: Buffer[] = []
  while (tbs.more) parts.push(tbs.value().bytes)
  return encodeSigned(encodeSequence(...parts), root.key)
}
