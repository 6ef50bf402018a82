import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readForm } from '../../src/rpc/read-form.ts'

const corpus = fileURLToPath(new URL('../corpus/dirac-wire/', import.meta.url))
const form = 'application/x-www-form-urlencoded'

/** Reads the form of a captured request. */
function formOf(capture: string): { method?: string; args: string } {
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
    ['method=%ff+x', { method: '\ufffd x', args: '[]' }],
    ['&&method=ping&&=&', { method: 'ping', args: '[]' }],
    ['method=x&args=%5', { method: 'x', args: '%5' }],
    ['method=x&args=%4g%G4%41%', { method: 'x', args: '%4g%G4A%' }],
    ['method=x&args=a=b', { method: 'x', args: 'a=b' }],
  ])('reads %s', (body, expected) => {
    expect(readForm(Buffer.from(body), form)).toEqual(expected)
  })

  it.each([
    undefined,
    'text/plain',
    'application/json',
    'application/x-www-form-urlencodedx',
    'multipart/form-data; boundary=X',
  ])('has no fields with the content type %s', (contentType) => {
    expect(readForm(Buffer.from('method=ping'), contentType)).toEqual({ args: '[]' })
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
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2_000)
  })
})
