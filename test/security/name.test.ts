import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Name } from '../../src/security/name.ts'
import { oneLine, readName, rfc2253, textKey, unescapedOneLine } from '../../src/security/name-text.ts'
import { dn, rawName } from '../support/forge.ts'

const utf8 = (...pairs: [oid: string, text: string][]): Name =>
  new Name(rawName(...pairs.map(([oid, text]) => [[oid, 0x0c, text] as const])))

describe('the one-line form', () => {
  it('escapes what could be taken for structure', () => {
    expect(oneLine(utf8(['2.5.4.11', 'People/CN=Alice'], ['2.5.4.3', 'x']))).toBe('/OU=People\\/CN=Alice/CN=x')
    expect(oneLine(utf8(['2.5.4.3', 'host/x.org']))).toBe('/CN=host\\/x.org')
    expect(oneLine(utf8(['2.5.4.3', 'a\\b']))).toBe('/CN=a\\\\b')
    expect(oneLine(utf8(['2.5.4.3', 'a+b']))).toBe('/CN=a+b')
    expect(oneLine(utf8(['2.5.4.3', 'a+CN=b']))).toBe('/CN=a\\+CN=b')
    expect(oneLine(utf8(['2.5.4.3', 'Zoë \\xC3']))).toBe('/CN=Zo\\xC3\\xAB \\\\xC3')
    expect(oneLine(utf8(['1.2.3.4', 'odd']))).toBe('/1.2.3.4=odd')
    expect(oneLine(dn('/CN=a+emailAddress=m@x.org'))).toMatch(
      /^\/(CN=a\+emailAddress=m@x.org|emailAddress=m@x.org\+CN=a)$/,
    )
    expect(unescapedOneLine(utf8(['2.5.4.3', 'host/x.org']))).toBe('/CN=host/x.org')
  })

  it('is read back, also as registries and old tools write it', () => {
    const same = (a: string, b: string): void => expect(textKey(readName(a)), `${a} | ${b}`).toBe(textKey(readName(b)))
    same('/CN=host/x.org', '/CN=host\\/x.org')
    same('/O=a/Email=x@y', '/O=a/emailAddress=x@y')
    same('/O=a/E=x@y', '/O=a/EMAILADDRESS=x@y')
    same('/USERID=a', '/UID=a')
    same('/0.9.2342.19200300.100.1.25=org/CN=x', '/DC=org/CN=x')
    same('/CN=Zoë', '/CN=Zo\\xC3\\xAB')
    same('/CN=x', 'CN=x')
    same('/DC=org/DC=x/CN=Alice', 'CN=Alice,DC=x,DC=org')
    same('/DC=org/CN=a+emailAddress=m@x.org', 'emailAddress=m@x.org+CN=a, DC=org')
  })

  it('never makes two names of a value that looks like two', () => {
    const trick = utf8(['2.5.4.11', 'People/CN=Alice'])
    expect(textKey(trick)).not.toBe(textKey(readName('/OU=People/CN=Alice')))
    expect(textKey(trick)).toBe(textKey(readName('/OU=People\\/CN=Alice')))
    const multi = utf8(['2.5.4.3', 'a+CN=b'])
    expect(textKey(multi)).not.toBe(textKey(readName('/CN=a+CN=b')))
    expect(textKey(utf8(['2.5.4.3', 'Alice']))).not.toBe(textKey(utf8(['2.5.4.3', 'alice'])))
    expect(textKey(utf8(['2.5.4.3', 'Аlice']))).not.toBe(textKey(utf8(['2.5.4.3', 'Alice'])))
  })

  it('of what isn’t text is not that of a text', () => {
    const bits = new Name(rawName([['2.5.4.45', 0x03, Buffer.from([0, 1])]]))
    const text = utf8(['2.5.4.45', '#03020001'])
    expect(bits.normal).not.toBe(text.normal)
    expect(oneLine(bits)).not.toBe(oneLine(text))
    expect(rfc2253(bits)).toBe('x500UniqueIdentifier=#03020001')
    expect(rfc2253(text)).toBe('x500UniqueIdentifier=\\#03020001')
  })

  it('that is none is an error with a code', () => {
    for (const text of [
      '',
      '/',
      'x',
      '/x',
      '=a',
      'CN',
      'CN=a,',
      'CN="a',
      'CN=a\\',
      '/CN=\\xFF',
      '/NOPE=a',
      'CN=\\ff',
    ]) {
      expect(() => readName(text), text).toThrow(expect.objectContaining({ code: 'DHN_NAME_UNREADABLE' }))
    }
  })
})

describe('RFC 2253', () => {
  it('is what OpenSSL prints', () => {
    const special = utf8(['0.9.2342.19200300.100.1.25', 'test'], ['2.5.4.3', 'Comma, "Quote" + Plus <x> #; \\back'])
    expect(rfc2253(special)).toBe('CN=Comma\\, \\"Quote\\" \\+ Plus \\<x\\> #\\; \\\\back,DC=test')
    expect(rfc2253(utf8(['2.5.4.3', '# a ']))).toBe('CN=\\# a\\ ')
    expect(rfc2253(utf8(['2.5.4.3', 'Zoë']))).toBe('CN=Zo\\C3\\AB')
  })

  it('is read with quotes, blanks, semicolons and hex', () => {
    expect(readName('CN = "a, b" ; O=\\20c\\ ,DC=x')).toEqual([
      [{ type: '0.9.2342.19200300.100.1.25', value: 'x' }],
      [{ type: '2.5.4.10', value: ' c ' }],
      [{ type: '2.5.4.3', value: 'a, b' }],
    ])
  })
})

describe('any name', () => {
  const types = fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.11', '1.2.840.113549.1.9.1', '1.2.3.4')
  const value = fc
    .string({ unit: fc.constantFrom(...'aB/\\+=,;"<># é€CNOU'), minLength: 1, maxLength: 12 })
    .filter((text) => text.trim() === text)
  const names = fc
    .array(fc.array(fc.record({ type: types, value }), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 4 })
    // An IA5String holds no é.
    .map((rdns) =>
      rdns.map((rdn) => rdn.map((one) => (one.type.startsWith('1.2.840') ? { ...one, value: 'm@x' } : one))),
    )

  it('is the same after it was written and read, in both forms', () => {
    fc.assert(
      fc.property(names, (rdns) => {
        const name = Name.of(rdns)
        expect(textKey(readName(oneLine(name)))).toBe(textKey(name))
        expect(textKey(readName(rfc2253(name)))).toBe(textKey(name))
      }),
      { numRuns: 1000 },
    )
  })

  it('has its own one-line form', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        const [one, other] = [Name.of(a), Name.of(b)]
        if (textKey(one) !== textKey(other)) expect(oneLine(one)).not.toBe(oneLine(other))
      }),
      { numRuns: 1000 },
    )
  })
})
