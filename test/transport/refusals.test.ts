import { describe, expect, it } from 'vitest'
import { RefusalBook } from '../../src/container/refusal-book.ts'
import { call, dispatcherFor, exchange, openDoors, postText } from '../support/doors.ts'
import { openFront } from '../support/front.ts'
import { auditFor, gatekeeperFor } from '../support/gatekeeper.ts'

const close = ['Connection: close']
const ping = call('ping')
const head = 'Host: localhost\r\nConnection: close\r\n'
const posted = (headers: readonly string[], body = ping): string => postText(body, [...close, ...headers])

/** What is sent, and the status, code and address that the operator finds. */
const cases: readonly (readonly [name: string, text: string, status: number, code: string, what: string])[] = [
  ['no such address', postText(ping, close, '/no/service?x=1'), 404, 'DHN_SERVICE_NOT_HERE', 'POST /no/service'],
  ['a page that is none', `GET /nothing HTTP/1.1\r\n${head}\r\n`, 404, 'DHN_SERVICE_NOT_HERE', 'GET /nothing'],
  ['another verb', `GET /Samples/Echo HTTP/1.1\r\n${head}\r\n`, 405, 'DHN_NOT_POSTED', 'GET /Samples/Echo'],
  ['no method', posted([], 'args=[]'), 400, 'DHN_FORM_UNREADABLE', 'POST /Samples/Echo'],
  ['no UTF-8', posted([], 'method=%ff'), 400, 'DHN_FORM_UNREADABLE', 'POST /Samples/Echo'],
  ['a damaged body', posted(['Content-Encoding: gzip']), 400, 'DHN_BODY_DAMAGED', 'POST /Samples/Echo'],
  ['an encoding', posted(['Content-Encoding: br']), 415, 'DHN_ENCODING_UNKNOWN', 'POST /Samples/Echo'],
  ['a long body', posted([], 'x'.repeat(2000)), 413, 'DHN_BODY_TOO_LONG', 'POST /Samples/Echo'],
  ['an expectation', posted(['Expect: more']), 417, 'DHN_EXPECTATION_UNKNOWN', 'POST /Samples/Echo'],
  ['two hosts', posted(['Host: other']), 400, 'DHN_HOSTS_DIFFER', 'POST /Samples/Echo'],
  ['many headers', posted(Array(200).fill('X: y')), 431, 'DHN_HEADERS_TOO_LONG', 'POST /Samples/Echo'],
  ['another version', `GET /x HTTP/2.0\r\n${head}\r\n`, 505, 'DHN_HTTP_VERSION_UNKNOWN', 'GET /x'],
  [
    'a coding',
    `POST /x HTTP/1.1\r\nTransfer-Encoding: frob, chunked\r\n${head}\r\n`,
    501,
    'DHN_CODING_UNKNOWN',
    'POST /x',
  ],
  ['no HTTP', 'hello\r\n\r\n', 400, 'DHN_NOT_HTTP', 'no request'],
  ['long headers', posted([`X: ${'y'.repeat(20_000)}`]), 431, 'DHN_HEADERS_TOO_LONG', 'no request'],
  ['no such method', posted([], call('destroy')), 501, 'DHN_METHOD_UNKNOWN', 'Samples/Echo.destroy'],
]

describe.each(['node', 'front'] as const)('what is wrong with a request to a %s', (kind) => {
  it('has an id with which the operator finds it, and what to do', async () => {
    const book = new RefusalBook(auditFor())
    const dispatcher = dispatcherFor(undefined, undefined, gatekeeperFor(undefined, undefined, book))
    const limits = { bodyLimit: 1000 }
    const port =
      kind === 'front' ? await openFront(dispatcher, limits, book) : (await openDoors(dispatcher, limits)).httpPort
    const found = await Promise.all(
      cases.map(async ([name, text]) => {
        const answer = await exchange(port, text)
        const id = /^x-request-id: (\S+)\r$/im.exec(answer)?.[1] ?? ''
        const { code, what, next, from } = book.find(id)
        expect(next).toMatch(/.{15,}/)
        expect(from).toBe('127.0.0.1')
        return [name, text, Number(answer.split(' ')[1]), code, what]
      }),
    )
    expect(found).toEqual(cases)
  })
})
