import { describe, expect, it } from 'vitest'
import { multipartFields } from '../../src/rpc/multipart.ts'

const part = (head: string, value: string): string => `--X\r\n${head}\r\n\r\n${value}\r\n`
const named = (name: string, value: string): string => part(`Content-Disposition: form-data; name=${name}`, value)

/** The fields of a body that is cut at `X`, as texts. */
function fieldsOf(body: string, contentType = 'multipart/form-data; boundary=X'): Record<string, string> {
  const fields = multipartFields(Buffer.from(body), contentType)
  return Object.fromEntries([...fields].map(([name, bytes]) => [name, bytes.toString()]))
}

describe('a multipart body', () => {
  it.each([
    ['two fields', `${named('a', '1')}${named('b', '2')}--X--\r\n`, { a: '1', b: '2' }],
    ['a repeated field', `${named('a', '1')}${named('a', '2')}--X--`, { a: '2' }],
    ['an empty value', `${named('a', '')}--X--`, { a: '' }],
    ['line ends in a value', `${named('a', '1\r\n\r\n2')}--X--`, { a: '1\r\n\r\n2' }],
    ['a quoted name', `${named('"a \\"b\\""', '1')}--X--`, { 'a "b"': '1' }],
    [
      'headers in any case and order',
      `${part('X-A: 1\r\ncontent-disposition: form-data;NAME="a"', '1')}--X--`,
      { a: '1' },
    ],
    ['something before the first part', `preamble${named('a', '1')}--X--`, { a: '1' }],
    [
      'a file',
      `${part('Content-Disposition: form-data; name="a"; filename="f"', '1')}${named('b', '2')}--X--`,
      { b: '2' },
    ],
    ['no headers', `--X\r\nvalue\r\n${named('b', '2')}--X--`, { b: '2' }],
    ['another disposition', `${part('Content-Disposition: attachment; name="a"', '1')}--X--`, {}],
    ['no name', `${part('Content-Disposition: form-data', '1')}${named('""', '2')}--X--`, {}],
    ['a value that is cut off', '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n1--X--', {}],
    ['no last boundary', named('a', '1'), {}],
    ['nothing', '', {}],
  ])('with %s', (_case, body, expected) => {
    expect(fieldsOf(body)).toEqual(expected)
  })

  it.each(['multipart/form-data; boundary="X"', 'multipart/form-data; charset=utf-8; Boundary=X; a=b'])(
    'is cut as %s says',
    (contentType) => {
      expect(fieldsOf(`${named('a', '1')}--X--`, contentType)).toEqual({ a: '1' })
    },
  )

  it('keeps bytes as they are', () => {
    const body = Buffer.concat([
      Buffer.from('--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
      Buffer.from([0, 255, 13, 10]),
      Buffer.from('\r\n--X--'),
    ])
    expect(multipartFields(body, 'multipart/form-data; boundary=X').get('a')).toEqual(Buffer.from([0, 255, 13, 10]))
  })
})
