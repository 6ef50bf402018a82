import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { answerFor, errorAnswer } from '../../src/rpc/answer.ts'
import { decodeArguments } from '../../src/rpc/decode-arguments.ts'
import { S_ERROR, S_OK } from '../../src/service/return-structure.ts'

const corpus = fileURLToPath(new URL('../corpus/dirac-wire/', import.meta.url))

function captured(capture: string): { contentType: string | undefined; body: string } {
  const name = readdirSync(corpus).find((file) => file.startsWith(capture) && file.endsWith('.response.bin'))
  const bytes = readFileSync(`${corpus}${name}`)
  const bodyAt = bytes.indexOf('\r\n\r\n') + 4
  const head = bytes.toString('latin1', 0, bodyAt)
  return { contentType: /^content-type: *(.*)\r$/im.exec(head)?.[1], body: bytes.toString('utf8', bodyAt) }
}

describe('the answer for what a method returned', () => {
  it.each([
    ['007-echo-ascii', S_OK('hello')],
    ['023-s-error-empty', S_ERROR('')],
    ['024-s-error-message', S_ERROR('something went wrong é')],
    ['025-s-error-errno', S_ERROR(2, 'no such thing')],
    ['026-s-error-dirac-errno', S_ERROR(1105, 'dirac errno')],
    ['028-non-structure-dict', { just: 'a dict', CallStack: ['here'], ExecInfo: [1] }],
    ['031-handler-returns-list', [1, 2]],
  ])('says what the captured response %s says', (capture, value) => {
    const answer = answerFor(value)
    const { contentType, body } = captured(capture)
    expect(answer).toMatchObject({ status: 200, contentType })
    expect(JSON.parse(answer.body as string)).toEqual(JSON.parse(body))
  })

  it.each([
    ['029-handler-returns-str', 'plain text'],
    ['030-handler-returns-none', undefined],
    ['030-handler-returns-none', null],
  ])('is as it is for %s', (capture, value) => {
    expect(answerFor(value)).toEqual({ status: 200, ...captured(capture) })
  })

  it('sends bytes as they are', () => {
    const bytes = Buffer.from([0, 255])
    expect(answerFor(bytes)).toEqual({ status: 200, contentType: 'text/html; charset=UTF-8', body: bytes })
  })

  it.each([[() => {}], [Symbol('x')], [new Set([1])], [{ deep: [() => {}] }]])('refuses %o', (value) => {
    expect(() => answerFor(value)).toThrow(expect.objectContaining({ code: 'DHN_JENCODE_UNWRITABLE' }))
  })

  it('sends what JSON has no type for as JEncode', () => {
    expect(answerFor({ big: 2n ** 64n, at: new Date(0) }).body).toBe(
      '{"big": 18446744073709551616, "at": {"__dCls": "dt", "obj": "1970-01-01 00:00:00"}}',
    )
  })

  it('has an S_ERROR as body of an error', () => {
    const { body, ...rest } = errorAnswer(401, 'Unauthorized query', 1111)
    expect(rest).toEqual({ status: 401, contentType: 'application/json' })
    expect(JSON.parse(body as string)).toEqual({ OK: false, Errno: 1111, Message: 'Unauthorized query' })
  })
})

describe('the arguments of a call', () => {
  it.each([
    ['[1,"x",{"a":null}]', [1, 'x', { a: null }]],
    ['{"a":1,"b":2}', ['a', 'b']],
    ['"ab"', ['a', 'b']],
    ['{"__dCls":"b64","obj":"AAEC"}', [0, 1, 2]],
    [' [ "x" ] ', ['x']],
    ['\u000b["x"]\u00a0', ['x']],
    ['["a\0b"]', ['a b']],
    ['[{"a":1,"a":2}]', [{ a: 2 }]],
  ])('%j are read', (text, expected) => {
    expect(decodeArguments(text)).toEqual(expected)
  })

  it.each(['3', 'true', 'null', 'notjson', '', '[1', '[1]]'])('%j are refused', (text) => {
    expect(() => decodeArguments(text)).toThrow(expect.objectContaining({ code: 'DHN_ARGUMENTS_UNDECODABLE' }))
  })

  it('change no prototype', () => {
    decodeArguments('[{"__proto__":{"polluted":true}}]')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})
