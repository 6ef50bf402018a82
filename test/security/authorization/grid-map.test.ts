import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GridMap } from '../../../src/security/authorization/grid-map.ts'
import { Name } from '../../../src/security/name.ts'
import { oneLine, readName, textKey } from '../../../src/security/name-text.ts'

const key = (dn: string) => textKey(readName(dn))

describe('a grid-mapfile', () => {
  it('maps names in quotes to accounts, the first of which is the default', () => {
    const map = new GridMap(
      [
        '# people',
        '"/O=Grid/CN=Alice Example" alice',
        '',
        '\t"/O=Grid/CN=Bob"   bob, grid01 ,grid02 ',
        '/O=Grid/CN=plain plain',
        '"/O=Grid/CN=Alice Example" admin,alice',
        '"/O=Grid/CN=host/x.org/emailAddress=root@x.org" root',
      ].join('\r\n'),
    )
    expect(map.problems).toEqual([])
    expect(map.size).toBe(4)
    expect(map.accountsOf(key('/O=Grid/CN=Alice Example'))).toEqual(['alice', 'admin'])
    expect(map.accountsOf(key('/O=Grid/CN=Bob'))).toEqual(['bob', 'grid01', 'grid02'])
    expect(map.accountsOf(key('/O=Grid/CN=plain'))).toEqual(['plain'])
    expect(map.accountsOf(key('/O=Grid/CN=host\\/x.org/Email=root@x.org'))).toEqual(['root'])
    expect(map.accountsOf(key('/O=Grid/CN=Nobody'))).toEqual([])
  })

  it('matches parsed names, so that a value can’t look like another name', () => {
    const map = new GridMap('"/O=Grid/OU=People/CN=Alice" alice\n"/O=Grid/CN=Zo\\xC3\\xAB \\"Q\\" \\\\x" zoe')
    const trick = Name.of([[{ type: '2.5.4.10', value: 'Grid' }], [{ type: '2.5.4.11', value: 'People/CN=Alice' }]])
    expect(map.accountsOf(textKey(trick))).toEqual([])
    expect(new GridMap(`"${oneLine(trick)}" mallory`).accountsOf(textKey(trick))).toEqual(['mallory'])
    expect(map.accountsOf(key('/O=Grid/CN=Zoë "Q" \\\\x'))).toEqual(['zoe'])
  })

  it.each([
    ['"/O=Grid/CN=Alice', 'it is not a name in quotes and its accounts'],
    ['"/O=Grid/CN=Alice"', 'it is not a name in quotes and its accounts'],
    ['/O=Grid/CN=Alice Example alice', '"Example alice" is no name of an account'],
    ['"/O=Grid/CN=Alice" alice,,bob', '"" is no name of an account'],
    ['"/O=Grid/CN=Alice" ../alice', '"../alice" is no name of an account'],
    ['"Alice" alice', expect.stringContaining('is not a distinguished name')],
  ])('maps nobody by the line %s', (line, message) => {
    const map = new GridMap(`# first\n${line}\n`)
    expect(map.problems).toEqual([{ line: 2, message }])
    expect(map.size).toBe(0)
  })

  it('of any text throws nothing and takes no time', () => {
    const bits = fc.constantFrom('"', '\\', '/', 'CN=', '/O=', ' ', '\t', ',', 'alice', '\n', '\\x4', '\\xC3', '#', 'é')
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 60 }), (parts) => {
        const map = new GridMap(parts.join(''))
        expect(map.size).toBeLessThanOrEqual(60)
      }),
      { numRuns: 500 },
    )
    const started = process.cpuUsage()
    expect(new GridMap(`"${'\\\\'.repeat(100_000)} x`).problems).toHaveLength(1)
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(500)
  })
})
