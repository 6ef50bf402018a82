import { describe, expect, it } from 'vitest'
import { KeyUsage } from '../../src/security/extensions.ts'
import { extension } from '../../src/security/make-certificate.ts'
import { oneLine } from '../../src/security/name-text.ts'
import { readNamespaces } from '../../src/security/namespaces.ts'
import { Oid } from '../../src/security/oid.ts'
import { writePem } from '../../src/security/pem.ts'
import { readSigningPolicy } from '../../src/security/signing-policy.ts'
import {
  anExtension,
  ca,
  day,
  dn,
  emptyCrl,
  type Forged,
  minute,
  now,
  proxy,
  signingPolicy,
  type TrustWishes,
  trust,
  user,
  verdictOf,
} from '../support/forge.ts'

const root = ca('/DC=x/CN=Root')
const alice = user('/DC=x/OU=People/CN=Alice', root)
const under = (wishes: Omit<TrustWishes, 'cas'>, cas: readonly Forged[] = [root]): string =>
  verdictOf([alice], trust({ cas, ...wishes }))

describe('signing policies and namespaces', () => {
  const namespaces = (...expressions: string[]): string =>
    expressions.map((one) => `TO Issuer "/DC=x/CN=Root" \\\n  PERMIT Subject "${one}"\n`).join('\n')

  it('one of them has to be there and allow it, and both when both are', () => {
    const good = signingPolicy(root, '/DC=x/OU=People/*')
    const bad = signingPolicy(root, '/DC=x/OU=Hosts/*')
    expect(under({ policies: {} })).toBe('reject signing-policy-missing')
    expect(under({ policies: { 'ca0.signing_policy': good } })).toBe('accept end-entity')
    expect(under({ policies: { 'ca0.signing_policy': bad } })).toBe('reject signing-policy')
    expect(under({ policies: { 'ca0.namespaces': namespaces('/DC=x/OU=People/.*') } })).toBe('accept end-entity')
    expect(under({ policies: { 'ca0.namespaces': namespaces('/DC=x/OU=Hosts/.*') } })).toBe('reject namespaces')
    expect(under({ policies: { 'ca0.signing_policy': good, 'ca0.namespaces': namespaces('/DC=y/.*') } })).toBe(
      'reject namespaces',
    )
    expect(under({ policies: { 'ca0.signing_policy': bad, 'ca0.namespaces': namespaces('/DC=x/.*') } })).toBe(
      'reject signing-policy',
    )
  })

  it('one that can’t be read refuses, however good the other is', () => {
    const good = { 'ca0.signing_policy': signingPolicy(root, '*'), 'ca0.namespaces': namespaces('.*') }
    expect(under({ policies: { ...good, 'ca0.signing_policy': 'access_id_CA' } })).toBe(
      'reject signing-policy-unreadable',
    )
    expect(under({ policies: { ...good, 'ca0.namespaces': 'TO Issuer' } })).toBe('reject namespaces-unreadable')
    expect(under({ policies: { ...good, 'ca0.namespaces': namespaces('(') } })).toBe('reject namespaces-unreadable')
  })

  it('are found under both hashes of the CA, and under its own file name', () => {
    const bad = signingPolicy(root, '/nobody')
    for (const name of ['ca0', root.name.hash, root.name.oldHash]) {
      expect(under({ policies: { [`${name}.signing_policy`]: signingPolicy(root, '*') } })).toBe('accept end-entity')
    }
    const two = { 'ca0.signing_policy': signingPolicy(root, '*'), [`${root.name.hash}.signing_policy`]: bad }
    expect(under({ policies: two })).toBe('reject signing-policy')
    expect(under({ policies: { 'ca1.signing_policy': signingPolicy(root, '*') } })).toBe(
      'reject signing-policy-missing',
    )
  })

  it('of CAs with one name are told apart by their files', () => {
    const twin = ca('/DC=x/CN=Root')
    const bob = user('/DC=x/OU=Hosts/CN=Bob', twin)
    const policies = {
      'ca0.signing_policy': signingPolicy(root, '/DC=x/OU=People/*'),
      'ca1.signing_policy': signingPolicy(twin, '/DC=x/OU=Hosts/*'),
      // The hash is the same for both: a link to the file of the last that was installed.
      [`${root.name.hash}.signing_policy`]: signingPolicy(twin, '/DC=x/OU=Hosts/*'),
    }
    const both = trust({ cas: [root, twin], policies })
    expect(verdictOf([alice], both)).toBe('accept end-entity')
    expect(verdictOf([bob], both)).toBe('accept end-entity')
    expect(verdictOf([user('/DC=x/OU=People/CN=Bob', twin)], both)).toBe('reject signing-policy')
    expect(verdictOf([user('/DC=x/OU=Hosts/CN=Alice', root)], both)).toBe('reject signing-policy')
  })

  it('bind CAs below too, but not the anchor itself', () => {
    const sub = ca('/DC=x/CN=Sub', { by: root })
    const bob = user('/DC=x/CN=Bob', sub)
    const policies = (glob: string): Record<string, string> => ({
      'ca0.signing_policy': signingPolicy(root, glob),
      'ca1.signing_policy': signingPolicy(sub, '/DC=x/*'),
    })
    expect(verdictOf([bob], trust({ cas: [root, sub], policies: policies('/DC=x/CN=Sub') }))).toBe('accept end-entity')
    expect(verdictOf([bob], trust({ cas: [root, sub], policies: policies('/DC=x/CN=S') }))).toBe(
      'reject signing-policy',
    )
  })

  it('are not fooled by a slash inside a value', () => {
    const trick = user(dn('CN=Alice,OU=People/OU\\=Hosts,DC=x'), root)
    const policies = { 'ca0.signing_policy': signingPolicy(root, '/DC=x/OU=People/OU=Hosts/*') }
    expect(oneLine(trick.name)).toBe('/DC=x/OU=People\\/OU=Hosts/CN=Alice')
    expect(verdictOf([trick], trust({ cas: [root], policies }))).toBe('reject signing-policy')
  })

  it('know the spellings of e-mail and user id', () => {
    const mail = user('/DC=x/UID=7/emailAddress=a@x.org', root)
    for (const glob of ['/DC=x/UID=7/Email=*', '/DC=x/USERID=7/E=a@x.org', '/DC=x/USERID=?/emailAddress=*']) {
      const policies = { 'ca0.signing_policy': signingPolicy(root, glob) }
      expect(verdictOf([mail], trust({ cas: [root], policies }))).toBe('accept end-entity')
    }
  })

  it('say no when any of them says no', () => {
    const denies = `${signingPolicy(root, '*')}neg_rights globus CA:sign\ncond_subjects globus '"/DC=x/OU=People/*"'\n`
    expect(under({ policies: { 'ca0.signing_policy': denies } })).toBe('reject signing-policy')
    const denying = `${namespaces('.*')}\nTO Issuer SELF DENY Subject "/DC=x/OU=People/.*"\n`
    expect(under({ policies: { 'ca0.namespaces': denying } })).toBe('reject namespaces')
    expect(under({ policies: { 'ca0.namespaces': 'TO Issuer SELF PERMIT Subject ".*"' } })).toBe('accept end-entity')
  })

  it('are read whole or not at all', () => {
    const head = "access_id_CA X509 '/CN=a'\npos_rights globus CA:sign\n"
    for (const text of [
      '',
      '# only a comment\n',
      head,
      `${head}cond_subjects globus ''\n`,
      `${head}cond_subjects globus '"/CN=a" x'\n`,
      `${head}cond_subjects globus '"/CN=a"\n`,
      `${head}cond_subjects globus '"*"' more\n`,
      `${head}unknown globus x\ncond_subjects globus '*'\n`,
      "pos_rights globus CA:sign\ncond_subjects globus '*'\n",
      "access_id_CA X509 'no name'\npos_rights globus CA:sign\ncond_subjects globus '*'\n",
      "access_id_CA X509 '/CN=a'\npos_rights globus CA:other\ncond_subjects globus '*'\n",
      "access_id_CA X509 '/CN=a'\n",
    ]) {
      expect(() => readSigningPolicy(text), text).toThrow(
        expect.objectContaining({ code: 'DHN_POLICY_FILE_UNREADABLE' }),
      )
    }
    for (const text of [
      '',
      'TO Issuer "/CN=a" PERMIT',
      'TO Issuer "x" PERMIT Subject ".*"',
      'TO Issuer SELF PERMIT Subject ".*" \\',
    ]) {
      expect(() => readNamespaces(text), text).toThrow(expect.objectContaining({ code: 'DHN_POLICY_FILE_UNREADABLE' }))
    }
  })

  it('are read as CAs in the field write them', () => {
    const policy = readSigningPolicy(`# EACL entry 1
 access_id_CA      X509         '/C=XX/O=Old CA/Email=ca@xx.org'\r
 pos_rights        globus        CA:sign
 cond_subjects     globus       '"/C=XX/O=Old/*"  "/C=XX/O=Older/*"'   # two
 access_id_CA X509 "/CN=Second"
 pos_rights globus CA:sign
 cond_subjects globus "/CN=one"
`)
    const old = dn('/C=XX/O=Old CA/emailAddress=ca@xx.org')
    expect(policy.allows(old, dn('/C=XX/O=Older/CN=a'))).toBe(true)
    expect(policy.allows(old, dn('/C=XX/O=Oldest/CN=a'))).toBe(false)
    expect(policy.allows(dn('/CN=Second'), dn('/CN=one'))).toBe(true)
    expect(policy.allows(dn('/CN=Third'), dn('/CN=one'))).toBe(false)
  })
})

describe('revocation', () => {
  const sub = ca('/DC=x/CN=Sub', { by: root })
  const bob = user('/DC=x/CN=Bob', sub)
  const listed = (list: Buffer | undefined, options = {}): string =>
    verdictOf([alice], trust({ cas: [root], crls: list === undefined ? {} : { '0.crl': list } }), options)

  it('a revoked certificate is refused, and everything below it', () => {
    const list = (serial: Buffer): Buffer => emptyCrl(root, { revoked: [{ serial, at: now - day }] })
    expect(listed(list(alice.certificate.serial))).toBe('reject revoked')
    const store = trust({ cas: [root], crls: { '0.crl': list(alice.certificate.serial) } })
    expect(verdictOf([proxy(alice), alice], store)).toBe('reject revoked-issuer')
    const crls = { '0.crl': list(sub.certificate.serial), '1.crl': emptyCrl(sub) }
    expect(verdictOf([bob], trust({ cas: [root, sub], crls }))).toBe('reject revoked-issuer')
    expect(verdictOf([bob], trust({ cas: [root, sub], crls: { ...crls, '0.crl': emptyCrl(root) } }))).toBe(
      'accept end-entity',
    )
  })

  it('a missing list refuses or warns, as wanted', () => {
    expect(listed(undefined)).toBe('reject crl-missing')
    expect(listed(undefined, { crls: 'if-present' })).toBe('accept end-entity')
  })

  it('a list has its time, with five minutes for clocks', () => {
    expect(listed(emptyCrl(root, { nextUpdate: now - 4 * minute }))).toBe('accept end-entity')
    expect(listed(emptyCrl(root, { nextUpdate: now - 6 * minute }))).toBe('reject crl-expired')
    expect(listed(emptyCrl(root, { thisUpdate: now + 4 * minute }))).toBe('accept end-entity')
    expect(listed(emptyCrl(root, { thisUpdate: now + 6 * minute }))).toBe('reject crl-not-yet-valid')
    expect(listed(emptyCrl(root, { nextUpdate: now - day }), { crls: 'if-present' })).toBe('reject crl-expired')
  })

  it('a list of another key is none, and that of a CA of the same name is that one’s', () => {
    const twin = ca('/DC=x/CN=Root')
    expect(listed(emptyCrl(twin))).toBe('reject crl-bad-signature')
    const both = trust({ cas: [root, twin], crls: { '0.crl': emptyCrl(twin) } })
    expect(verdictOf([alice], both)).toBe('reject crl-missing')
    const revoking = emptyCrl(twin, { revoked: [{ serial: alice.certificate.serial, at: now }] })
    const crls = { '0.crl': revoking, '1.crl': emptyCrl(root) }
    expect(verdictOf([alice], trust({ cas: [root, twin], crls }))).toBe('accept end-entity')
  })

  it('of several lists the newest counts', () => {
    const revoked = [{ serial: alice.certificate.serial, at: now }]
    const old = emptyCrl(root, { thisUpdate: now - 2 * day })
    const fresh = emptyCrl(root, { revoked })
    expect(verdictOf([alice], trust({ cas: [root], crls: { 'a.crl': old, 'b.crl': fresh } }))).toBe('reject revoked')
    expect(verdictOf([alice], trust({ cas: [root], crls: { 'a.crl': fresh, 'b.crl': old } }))).toBe('reject revoked')
  })

  it('delta lists, partial lists and unknown critical extensions are not supported, so they refuse', () => {
    for (const odd of [
      anExtension(Oid.deltaCrlIndicator, true, Buffer.from('020101', 'hex')),
      anExtension(Oid.issuingDistributionPoint, true, Buffer.from('3000', 'hex')),
      anExtension('1.2.3.4', true),
    ]) {
      expect(listed(emptyCrl(root, { extensions: [odd] }))).toBe('reject crl-unsupported')
    }
    expect(listed(emptyCrl(root, { extensions: [anExtension('1.2.3.4', false)] }))).toBe('accept end-entity')
  })

  it('a CA without cRLSign signs no lists', () => {
    const mute = ca('/DC=x/CN=Mute', { more: [extension.keyUsage(KeyUsage.keyCertSign)] })
    expect(verdictOf([user('/DC=x/CN=A', mute)], trust({ cas: [mute] }))).toBe('reject crl-issuer-lacks-cRLSign')
  })
})

describe('a trust store', () => {
  it('reads PEM and DER, several certificates in a file, and drops twins', () => {
    const other = ca('/DC=x/CN=Other')
    const pem = [root, other, root].map(({ der }) => writePem('CERTIFICATE', der)).join('text between\n')
    const two = trust({ cas: [root], crls: { 'x.der': root.der, 'bundle.pem': Buffer.from(pem) } })
    expect(two.certificates.map(({ subject }) => oneLine(subject))).toEqual(['/DC=x/CN=Root', '/DC=x/CN=Other'])
  })

  it('knows both hashes that OpenSSL gives a name', () => {
    // openssl x509 -subject_hash and -subject_hash_old of a certificate with this subject
    const name = dn('/DC=local/DC=dhn/CN=dhn CA')
    expect([name.hash, name.oldHash]).toEqual(['00460f6a', 'e088ebe7'])
  })

  it('keeps what it can and says what it can’t', () => {
    const store = trust({
      cas: [root],
      crls: { 'bad.pem': Buffer.from('rubbish'), 'half.crl': emptyCrl(root).subarray(0, 90) },
    })
    expect(store.problems.map(({ name }) => name)).toEqual(['bad.pem', 'half.crl'])
    expect(store.certificates).toHaveLength(1)
  })
})
