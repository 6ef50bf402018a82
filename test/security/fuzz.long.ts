import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttributeCertificate } from '../../src/security/attribute-certificate.ts'
import { Certificate } from '../../src/security/certificate.ts'
import { Crl } from '../../src/security/crl.ts'
import { DerReader, readTime, Tag } from '../../src/security/der.ts'
import { encode, encodeInteger, encodeOid, encodeTime } from '../../src/security/der-write.ts'
import { LinearRegex } from '../../src/security/linear-regex.ts'
import { extension } from '../../src/security/make-certificate.ts'
import { readName } from '../../src/security/name-text.ts'
import { readNamespaces } from '../../src/security/namespaces.ts'
import { matchesGlob, readSigningPolicy } from '../../src/security/signing-policy.ts'
import { validateChain } from '../../src/security/validate-chain.ts'
import { readLsc } from '../../src/security/voms-directory.ts'
import { DhnError } from '../../src/service/errors.ts'
import { attributeCertificate, carrying } from '../support/attribute-certificates.ts'
import {
  ca,
  emptyCrl,
  general,
  nameConstraints,
  now,
  proxy,
  signingPolicy,
  subjectAltName,
  trust,
  user,
} from '../support/forge.ts'

const root = ca('/DC=x/CN=Root', { more: [nameConstraints([general.directory('/DC=x'), general.dns('x.org')])] })
const alice = user('/DC=x/O=a\\/b/CN=Alice', root, {
  more: [subjectAltName(general.dns('a.x.org'), general.ip(1, 2, 3, 4))],
})
const ac = attributeCertificate({ holder: alice, by: user('/DC=x/CN=voms', root), generic: { a: 'b' } })
const delegate = proxy(alice, { more: [extension.diracGroup('dirac_user'), carrying(ac)] })
const store = trust({ cas: [root] })
const crl = emptyCrl(root, { revoked: [{ serial: alice.certificate.serial, at: now }] })

/** Reads or throws an error of ours, and in time. */
function survives(read: () => unknown): void {
  const started = performance.now()
  try {
    read()
  } catch (cause) {
    if (!(cause instanceof DhnError) && !(cause instanceof SyntaxError)) throw cause
  }
  expect(performance.now() - started).toBeLessThan(1000)
}

/** Bytes of a real thing with a few of them changed, cut out, or put in. */
const mutationsOf = (original: Buffer): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.record({
        at: fc.nat({ max: original.length - 1 }),
        kind: fc.constantFrom('set', 'cut', 'insert', 'length', 'copy'),
        value: fc.nat({ max: 255 }),
        length: fc.nat({ max: 40 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) => {
      let bytes = Buffer.from(original)
      for (const { at, kind, value, length } of changes) {
        const place = Math.min(at, Math.max(bytes.length - 1, 0))
        if (kind === 'set') bytes[place] = value
        else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)])
        else if (kind === 'insert') {
          bytes = Buffer.concat([bytes.subarray(0, place), Buffer.alloc(length, value), bytes.subarray(place)])
        } else if (kind === 'length') bytes[place] = [0x80, 0x84, 0xff, 0x7f, 0][value % 5] as number
        else bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(0, length), bytes.subarray(place)])
      }
      return bytes
    })

/** FUZZ_RUNS=1000000 for a night. */
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 1500) }

describe('mutated bytes', () => {
  it('of certificates, lists and attribute certificates are read or refused with an error of ours', () => {
    for (const [original, read] of [
      [delegate.der, (bytes: Buffer) => new Certificate(bytes)],
      [root.der, (bytes: Buffer) => new Certificate(bytes)],
      [crl, (bytes: Buffer) => new Crl(bytes)],
      [ac, (bytes: Buffer) => new AttributeCertificate(bytes)],
    ] as const) {
      fc.assert(
        fc.property(mutationsOf(original), (bytes) => survives(() => read(bytes))),
        runs,
      )
    }
  })

  it('in a chain give a verdict, and never one that the chain did not have', () => {
    fc.assert(
      fc.property(mutationsOf(delegate.der), mutationsOf(alice.der), fc.boolean(), (leaf, user, both) => {
        const found = validateChain([leaf, both ? user : alice.der], store, { at: now })
        const same = leaf.equals(delegate.der) && (!both || user.equals(alice.der))
        if (!same) expect(found.verdict).toBe('reject')
      }),
      runs,
    )
  })

  it('of policy files, names and .lsc files are read or refused in time', () => {
    const policy = Buffer.from(signingPolicy(root, '/DC=x/*', '/O=?/CN=*'))
    const namespaces = Buffer.from('#c\nTO Issuer "/DC=x/CN=Root" \\\n PERMIT Subject "/DC=x/(a|b)+[^/]{1,3}.*"\n')
    for (const [original, read] of [
      [policy, (text: string) => readSigningPolicy(text).allows(root.name, alice.name)],
      [namespaces, (text: string) => readNamespaces(text).allows(root.name, alice.name)],
      [Buffer.from('/DC=x/O=a\\/b/CN=\\xC3\\xAB+UID=1'), readName],
      [Buffer.from('CN="a\\, b"+UID=#0401ff,O=x\\C3\\AB ; DC=y'), readName],
      [Buffer.from('/DC=x/CN=a\n/DC=x\n----- NEXT CHAIN -----\n/CN=b\n/CN=c'), readLsc],
    ] as const) {
      fc.assert(
        fc.property(mutationsOf(original), (bytes) => survives(() => read(bytes.toString('latin1')))),
        runs,
      )
    }
  })
})

describe('every single bit of a proxy chain', () => {
  it('matters: each change is refused', () => {
    const survivors: string[] = []
    const plain = proxy(alice, { more: [extension.diracGroup('dirac_user')] })
    for (const [place, original] of [plain.der, alice.der].entries()) {
      for (let bit = 0; bit < original.length * 8; bit++) {
        const changed = Buffer.from(original)
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
        const chain = place === 0 ? [changed, alice.der] : [plain.der, changed]
        const found = validateChain(chain, store, { at: now })
        if (found.verdict !== 'reject') survivors.push(`certificate ${place} bit ${bit}`)
      }
    }
    expect(survivors).toEqual([])
  }, 30_000)
})

describe('strict DER', () => {
  const refused = (hex: string): void => {
    const walk = (reader: DerReader): void => {
      while (reader.more) {
        const { tag, content } = reader.value()
        if (tag === Tag.boolean || tag === Tag.integer)
          new DerReader(Buffer.from(hex, 'hex'))[tag === 1 ? 'boolean' : 'integer']()
        else if (tag & 0x20) walk(new DerReader(content))
      }
    }
    expect(() => walk(new DerReader(Buffer.from(hex, 'hex'))), hex).toThrow(
      expect.objectContaining({ code: 'DHN_DER_MALFORMED' }),
    )
  }

  it('has definite, minimal lengths inside their parent', () => {
    for (const hex of [
      '3080',
      '308103020101',
      '30820003020101',
      '30850000000003',
      '3003020101ff',
      '30',
      '3081',
      '3005020101',
      '1f8101',
      '30ff',
    ])
      refused(hex)
  })

  it('has canonical booleans and integers', () => {
    for (const hex of ['010101', '0100', '01020000', '0200', '02020001', '0202ff80', '020180', '02080fffffffffffffff'])
      refused(hex)
  })

  it('has times as RFC 5280 writes them', () => {
    const read = (tag: number, text: string): number =>
      readTime({ tag, content: Buffer.from(text), bytes: Buffer.alloc(0) })
    expect(read(Tag.utcTime, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59))
    expect(read(Tag.utcTime, '500101000000Z')).toBe(Date.UTC(1950, 0, 1))
    expect(read(Tag.generalizedTime, '20500101000000Z')).toBe(Date.UTC(2050, 0, 1))
    expect(read(Tag.generalizedTime, '99991231235959Z')).toBe(Date.UTC(9999, 11, 31, 23, 59, 59))
    for (const [tag, text] of [
      [Tag.utcTime, '4912312359Z'],
      [Tag.utcTime, '491231235959+0000'],
      [Tag.utcTime, '490230000000Z'],
      [Tag.utcTime, '490101240000Z'],
      [Tag.utcTime, '490101000060Z'],
      [Tag.generalizedTime, '20500101000000.5Z'],
      [Tag.generalizedTime, '20500101000000'],
      [Tag.ia5String, '20500101000000Z'],
    ] as const) {
      expect(() => read(tag, text), text).toThrow(expect.objectContaining({ code: 'DHN_DER_MALFORMED' }))
    }
  })

  it('is what is written here', () => {
    expect(encodeInteger(128).toString('hex')).toBe('02020080')
    expect(encodeInteger(0).toString('hex')).toBe('020100')
    expect(encodeOid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d')
    expect(encode(4, Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c')
    expect(encodeTime(Date.UTC(2049, 11, 31)).toString()).toContain('491231000000Z')
    expect(encodeTime(Date.UTC(2050, 0, 1)).toString()).toContain('20500101000000Z')
    fc.assert(
      fc.property(fc.nat(2), fc.nat(39), fc.array(fc.nat(2 ** 40), { maxLength: 6 }), (a, b, rest) => {
        const oid = [a, b, ...rest].join('.')
        expect(new DerReader(encodeOid(oid)).oid()).toBe(oid)
      }),
    )
  })
})

describe('matching in linear time', () => {
  it('expressions that make others explode do not', () => {
    const text = `${'a'.repeat(5000)}!`
    for (const pattern of ['(a*)*b', '(a|a)*b', '(a+)+b', 'a{1,30}{1,30}b', '(.*)*x', '([a-z]+)*[0-9]']) {
      const started = performance.now()
      expect(new LinearRegex(pattern).matches(text)).toBe(false)
      expect(performance.now() - started, pattern).toBeLessThan(1000)
    }
    const globs = performance.now()
    expect(matchesGlob(`${'*a'.repeat(200)}b`, text)).toBe(false)
    expect(performance.now() - globs).toBeLessThan(500)
  })

  it('expressions that are too large, or none, are refused', () => {
    for (const pattern of [
      '(',
      ')',
      '[',
      '[b-a]',
      '*',
      'a{2,1}',
      'a{',
      '(?=a)',
      '\\1',
      'a\\',
      '((a{99}){99}){99}',
      'a^b',
      '('.repeat(60),
      '[[:nope:]]',
    ]) {
      expect(() => new LinearRegex(pattern), pattern).toThrow(SyntaxError)
    }
  })

  it('agrees with the engine of the language on patterns that both know', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '/',
      '.',
      '[ab]',
      '[^a]',
      '(a|b)',
      '(ab|/)?',
      'a*',
      'b+',
      '(a|b*)*',
      'a{2}',
      'b{1,2}',
      '(/a){0,2}',
      '\\.',
    )
    const pattern = fc.array(atom, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
    const alternatives = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'))
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 })
    fc.assert(
      fc.property(alternatives, fc.array(text, { maxLength: 6 }), (source, texts) => {
        const [ours, theirs] = [new LinearRegex(source), new RegExp(`^(?:${source})$`, 's')]
        for (const one of texts) expect(ours.matches(one), `${source} on ${one}`).toBe(theirs.test(one))
      }),
      { numRuns: 1500 },
    )
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/'), maxLength: 8 })
    fc.assert(
      fc.property(glob, text, (one, against) => {
        const expression = new RegExp(`^${one.replace(/[.]/g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's')
        expect(matchesGlob(one, against)).toBe(expression.test(against))
      }),
      { numRuns: 1500 },
    )
  })
})
