import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Form, readForm, withQuery } from '../../src/rpc/read-form.ts'

const corpus = fileURLToPath(new URL('../corpus/dirac-wire/', import.meta.url))
const form = 'application/x-www-form-urlencoded'

/** Reads the form of a captured request. */
function formOf(capture: string): Form {
  const name = readdirSync(corpus).find((file) => file.startsWith(capture) && file.endsWith('.request.bin'))
  const bytes = readFileSync(`${corpus}${name}`)
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4
  const contentType = /^content-type: *(.*)\r$/im.exec(bytes.toString('latin1', 0, bodyAt))?.[1]
  return readForm(bytes.subarray(bodyAt), contentType)
}

describe('the form of a call', () => {
  it.each([
    ['007-echo-ascii', { method: 'echo', args: '["hello"]' }],
    [
      '009-echo-nested',
      {
        method: 'echo',
        args: '[{"a": [1, 2.5, null, true, {"b": {"c": []}}], "e": {}, "": "empty key", "sp ace": 1}]',
      },
    ],
    ['082-raw-no-method', { args: '[]' }],
    ['083-raw-empty-body', { args: '[]' }],
    ['087-raw-bad-json', { method: 'echo', args: 'notjson' }],
    ['088-raw-args-object', { method: 'argTypes', args: '{"a":1}' }],
    ['100-raw-json-content-type', { args: '[]' }],
    ['108-raw-repeated-method', { method: 'whoami', args: '[]' }],
    ['109-raw-old-field-procedure', { method: 'ping', args: '[]' }],
    ['110-raw-args-with-spaces', { method: 'echo', args: ' [ "x" ] ' }],
    ['111-raw-unicode-control', { method: 'echo', args: '["a\0b"]' }],
    ['101-raw-multipart', { method: 'echo', args: '["multi"]' }],
    ['117-raw-extra-fields', { method: 'echo', args: '["ok"]' }],
  ])('is read from the captured request %s', (capture, expected) => {
    expect(formOf(capture)).toEqual(expected)
  })

  it.each([
    ['procedure=old&method=new', { method: 'new', args: '[]' }],
    ['method=+ping%09&args=1', { method: 'ping', args: '1' }],
    ['method=a%00b', { method: 'a b', args: '[]' }],
    ['method', { method: '', args: '[]' }],
    ['%6dethod=ping', { method: 'ping', args: '[]' }],
    ['method=100%', { method: '100%', args: '[]' }],
    ['method=%ff+x', { method: '\ufffd x', args: '[]', unreadable: 'method' }],
    ['method=x&args=a%C3', { method: 'x', args: 'a\ufffd', unreadable: 'args' }],
    ['&&method=ping&&=&', { method: 'ping', args: '[]' }],
    ['method=x&args=%5', { method: 'x', args: '%5' }],
    ['method=x&args=%4g%G4%41%', { method: 'x', args: '%4g%G4A%' }],
    ['method=x&args=a=b', { method: 'x', args: 'a=b' }],
    ['method=x&rawContent=False', { method: 'x', args: '[]', rawContent: 'False' }],
    ['method=x&rawContent=True&rawContent=+', { method: 'x', args: '[]', rawContent: '' }],
    ['method=x&extraCredentials=%22hosts%22+', { method: 'x', args: '[]', extraCredentials: '"hosts"' }],
    ['method=x&clientVO=lhcb&clientSetup=%ff&toString=1&__proto__=1', { method: 'x', args: '[]' }],
    ['method=x&args=%EF%BF%BD', { method: 'x', args: '\ufffd' }],
  ])('reads %s', (body, expected) => {
    expect(readForm(Buffer.from(body), form)).toEqual(expected)
  })

  it.each([
    undefined,
    'text/plain',
    'application/json',
    'application/x-www-form-urlencodedx',
    'multipart/form-data',
    'multipart/form-data; boundary=X',
  ])('has no fields with the content type %s', (contentType) => {
    expect(readForm(Buffer.from('method=ping'), contentType)).toEqual({ args: '[]' })
  })

  it.each([
    ['?method=ping', '', { method: 'ping', args: '[]' }],
    ['?method=ping&method=echo&args=[1]&rawContent=1', 'args=2', { method: 'echo', args: '2', rawContent: '1' }],
    [
      '?method=ping&rawContent=1&extraCredentials=a',
      'method=+&rawContent=&extraCredentials=b',
      { method: '', args: '[]', rawContent: '', extraCredentials: 'b' },
    ],
    ['?method=%ff', 'method=x', { method: 'x', args: '[]', unreadable: 'method' }],
  ])('takes from the query %s what the body %j does not have', (query, body, expected) => {
    expect(withQuery(readForm(Buffer.from(body), form), query.slice(1))).toEqual(expected)
  })

  it.each([form, 'Application/X-WWW-Form-Urlencoded;charset=UTF-8', `${form} ; charset=utf-8`])(
    'is %s',
    (contentType) => {
      expect(readForm(Buffer.from('method=ping'), contentType)).toEqual({ method: 'ping', args: '[]' })
    },
  )

  it('says what URLSearchParams says', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
      fc.nat(300).map((size) => 'x'.repeat(size)),
      fc.constantFrom('+', '%', '%41', '%c3%A9', '%ff', '%2', '='),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        // A byte order mark at the beginning is the one thing on which they differ.
        const value = `x${pieces.join('').replaceAll('&', '')}`
        const body = Buffer.from(`method=m&args=${value}`)
        expect(readForm(body, form).args).toBe(new URLSearchParams(body.toString()).get('args'))
      }),
      { numRuns: 500 },
    )
  })

  it('reads a body of many fields and no value in time that grows with its length', () => {
    const before = process.cpuUsage()
    readForm(Buffer.from('a&'.repeat(200_000)), form)
    readForm(Buffer.from(`args=${`${'x'.repeat(70)}%41`.repeat(50_000)}`), form)
    readForm(Buffer.from(`args=${`${'x'.repeat(70)}+`.repeat(50_000)}`), form)
    readForm(Buffer.from(`method=x${'+'.repeat(1_000_000)}x`), form)
    const parts = '--X\r\nContent-Disposition: form-data; name="args"\r\n\r\n1\r\n'.repeat(30_000)
    readForm(Buffer.from(`${parts}--X--`), 'multipart/form-data; boundary=X')
    readForm(Buffer.from(parts), 'multipart/form-data; boundary=X')
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000)
  })
})
