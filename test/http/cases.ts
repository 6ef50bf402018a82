/**
 * What hostile or broken clients send, and what a node answers: `answers` are the statuses in their order, and nothing when
 * the connection is closed without a word. Where a case carries a request inside another's body, head or chunk, that inner one
 * must never be run: it would call `mark` with `smuggled`.
 */
export interface HostileCase {
  readonly name: string
  readonly answers: string
  readonly text: string
}

export const path = '/Test/Http'

const form = (mark: string): string => `method=mark&args=${encodeURIComponent(JSON.stringify([mark]))}`
const lines = (...all: readonly string[]): string => all.join('\r\n')

const host = 'Host: localhost'
const type = 'Content-Type: application/x-www-form-urlencoded'
const body = form('hostile')
const length = `Content-Length: ${body.length}`

/** A whole request that marks. */
export const marking = (mark: string, ...headers: readonly string[]): string => post(form(mark), headers)

/** The request that must not be seen as one. */
const smuggled = marking('smuggled')

function post(text: string, headers: readonly string[] = [], target = path, version = 'HTTP/1.1'): string {
  return lines(`POST ${target} ${version}`, host, type, `Content-Length: ${text.length}`, ...headers, '', text)
}

/** The head as given, then the good body: what the head says of the body is what is tried. */
const withHead = (...head: readonly string[]): string => lines(`POST ${path} HTTP/1.1`, host, type, ...head, '', body)
const withLine = (line: string): string => lines(line, host, type, length, 'Connection: close', '', body)
const at = (target: string): string => post(body, ['Connection: close'], target)
/** Chunks as given, with `0` and the inner request behind. */
const chunked = (...chunks: readonly string[]): string =>
  lines(`POST ${path} HTTP/1.1`, host, type, 'Transfer-Encoding: chunked', '', ...chunks)
const whole = [body.length.toString(16), body] as const
const many = (count: number, line: string): string[] => Array.from({ length: count }, () => line)

type Row = readonly [name: string, answers: string, text: string]

const targets: readonly Row[] = [
  ['an encoded slash', '404', at('/Test%2FHttp')],
  ['an encoded slash in small letters', '404', at('/Test%2fHttp')],
  ['an encoded letter', '404', at('/Test/%48ttp')],
  ['a slash encoded twice', '404', at('/Test%252FHttp')],
  ['dots', '404', at('/x/../Test/Http')],
  ['one dot', '404', at('/./Test/Http')],
  ['encoded dots', '404', at('/x/%2e%2e/Test/Http')],
  ['encoded dots and slash', '404', at('/x/%2e%2e%2fTest/Http')],
  ['dots with a parameter', '404', at('/x/..;/Test/Http')],
  ['dots encoded too long', '404', at('/x/%c0%ae%c0%ae/Test/Http')],
  ['a slash encoded too long', '404', at('/Test%c0%afHttp')],
  ['two slashes at the start', '404', at('//Test/Http')],
  ['two slashes within', '404', at('/Test//Http')],
  ['a slash at the end', '404', at('/Test/Http/')],
  ['small letters', '404', at('/test/http')],
  ['a path parameter', '404', at('/Test/Http;x=1')],
  ['an encoded NUL', '404', at('/Test/Http%00')],
  ['an encoded line end', '404', at('/Test/Http%0d%0aX-Evil:%201')],
  ['a backslash', '404', at('/Test\\Http')],
  ['a broken escape', '404', at('/Test/Http%')],
  ['a fragment', '404', at('/Test/Http#x')],
  ['a name of every object', '404', at('/__proto__/constructor')],
  ['no slash at the start', '400|404', at('Test/Http')],
  ['a star', '400|404', at('*')],
  ['an empty absolute form', '400|404', at('http://')],
  ['another scheme', '400|404', at('ftp://localhost/Test/Http')],
  ['a host alone', '400|404', at('localhost:80')],
  ['an absolute form with a name and password', '200', at('http://a:b@localhost/Test/Http')],
  ['an absolute form of another host', '200', at('http://elsewhere.example/Test/Http')],
  ['a blank within', '400', at('/Test /Http')],
  ['a tab within', '400', at('/Test\t/Http')],
  ['raw bytes above ASCII', '400|404', at('/Test/H\xfcttp')],
  ['a NUL', '400', at('/Test/Http\0')],
  ['20,000 letters', '404|414|431', at(`/${'x'.repeat(20_000)}`)],
  ['a query of 30,000 letters', '200|414|431', at(`/Test/Http?${'x'.repeat(30_000)}`)],
  ['a query that says another method', '200', at('/Test/Http?method=nonsense')],
]

const requestLines: readonly Row[] = [
  ['GET', '405', withLine(`GET ${path} HTTP/1.1`)],
  ['HEAD', '405', withLine(`HEAD ${path} HTTP/1.1`)],
  ['PUT', '405', withLine(`PUT ${path} HTTP/1.1`)],
  ['DELETE', '405', withLine(`DELETE ${path} HTTP/1.1`)],
  ['PATCH', '405', withLine(`PATCH ${path} HTTP/1.1`)],
  ['OPTIONS', '405', withLine(`OPTIONS ${path} HTTP/1.1`)],
  ['TRACE', '405', withLine(`TRACE ${path} HTTP/1.1`)],
  ['PROPFIND', '405', withLine(`PROPFIND ${path} HTTP/1.1`)],
  ['CONNECT', '', lines('CONNECT localhost:22 HTTP/1.1', 'Host: localhost:22', '', '')],
  ['a method that nobody knows', '400', withLine(`FROBNICATE ${path} HTTP/1.1`)],
  ['a method in small letters', '400', withLine(`post ${path} HTTP/1.1`)],
  ['a method of 10,000 letters', '400', withLine(`${'P'.repeat(10_000)} ${path} HTTP/1.1`)],
  ['a method with a line end in it', '400', withLine(`PO\rST ${path} HTTP/1.1`)],
  ['a blank before the method', '400', withLine(` POST ${path} HTTP/1.1`)],
  ['a tab for a blank', '400', withLine(`POST\t${path}\tHTTP/1.1`)],
  ['two blanks', '200', withLine(`POST  ${path} HTTP/1.1`)],
  ['no target', '400', withLine('POST HTTP/1.1')],
  ['no version', '', lines(`POST ${path}`, '')],
  ['version 0.9', '505', withLine(`POST ${path} HTTP/0.9`)],
  ['version 1.2', '400', withLine(`POST ${path} HTTP/1.2`)],
  ['version 2.0', '505', withLine(`POST ${path} HTTP/2.0`)],
  ['version 01.1', '400', withLine(`POST ${path} HTTP/01.1`)],
  ['a version in small letters', '400', withLine(`POST ${path} http/1.1`)],
  ['another protocol of version 1.0', '200', withLine(`POST ${path} RTSP/1.0`)],
  ['something behind the version', '400', withLine(`POST ${path} HTTP/1.1 x`)],
  ['version 1.0', '200', post(body, [], path, 'HTTP/1.0')],
  ['an empty line before it', '200', `\r\n${post(body, ['Connection: close'])}`],
  ['HTTP/2 without asking', '400|505', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS on a plain port', '400', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['garbage', '400', '\0\x01\x02\x03\r\n\r\n'],
  ['bare line feeds', '400', withHead(length).replaceAll('\r\n', '\n')],
]

const lengths: readonly Row[] = [
  ...(
    [
      ['with a sign', `+${body.length}`],
      ['that is negative', '-1'],
      ['in hexadecimal', `0x${body.length.toString(16)}`],
      ['with a fraction', `${body.length}.0`],
      ['with an exponent', '1e2'],
      ['with a blank within', '4 2'],
      ['twice in one field', `${body.length}, ${body.length}`],
      ['two of them in one field', `${body.length}, 0`],
      ['with something behind', `${body.length};x`],
      ['that is no number', 'many'],
      ['that is empty', ''],
      ['of 20 digits', '9'.repeat(20)],
      ['of 400 digits', '9'.repeat(400)],
      ['in other digits', '\xb3'],
    ] as const
  ).map(([name, value]): Row => [`a length ${name}`, '400|413', withHead(`Content-Length: ${value}`)]),
  ['a length over the limit', '413', withHead('Content-Length: 999999999999')],
  ['two lengths that differ', '400', withHead(length, 'Content-Length: 0')],
  ['two lengths that agree', '400', withHead(length, length)],
  ['a blank before the colon of the length', '400', withHead(`Content-Length : ${body.length}`)],
  ['a length behind a folded line', '400', withHead('X: y', ` Content-Length: ${body.length}`)],
  ['a NUL in the name of the length', '400', withHead(`Content-Length\0: ${body.length}`)],
  ['a vertical tab in the name of the length', '400', withHead(`Content-Length\x0b: ${body.length}`)],
  [
    'a length of zero and a request for a body',
    '400 200',
    `${withHead('Content-Length: 0').slice(0, -body.length)}${marking('hostile', 'Connection: close')}`,
  ],
  ['a length shorter than the body', '500', withHead(`Content-Length: ${body.length - 1}`)],
  ['no length at all, and a body', '400', withHead()],
]

const codings: readonly Row[] = [
  ...(
    [
      ['that nobody knows', 'xchunked'],
      ['before chunked that nobody knows', 'frob, chunked'],
      ['behind chunked', 'chunked, identity'],
      ['that is identity', 'identity'],
      ['with a parameter', 'chunked;q=1'],
      ['in quotes', '"chunked"'],
      ['with a vertical tab', '\x0bchunked'],
      ['with a form feed', 'chunked\x0c'],
      ['with a NUL', 'chunked\0'],
      ['that is empty', ''],
      ['that is a comma', ','],
      ['with a comma behind', 'chunked,'],
    ] as const
  ).map(
    ([name, value]): Row => [
      `a transfer coding ${name}`,
      '400|501',
      withHead(`Transfer-Encoding: ${value}`, '', '0', '').replace(body, smuggled),
    ],
  ),
  [
    'a length and then chunks',
    '400',
    withHead(length, 'Transfer-Encoding: chunked', '', '0', '').replace(body, smuggled),
  ],
  [
    'chunks and then a length',
    '400',
    withHead('Transfer-Encoding: chunked', 'Content-Length: 4', '', '0', '').replace(body, smuggled),
  ],
  [
    'two transfer codings',
    '400',
    withHead('Transfer-Encoding: chunked', 'Transfer-Encoding: identity', '', '0', '').replace(body, smuggled),
  ],
  [
    'a blank before the colon of the coding',
    '400',
    withHead('Transfer-Encoding : chunked', '', '0', '').replace(body, smuggled),
  ],
  ['a folded coding', '400', withHead('Transfer-Encoding:', ' chunked', '', '0', '').replace(body, smuggled)],
  [
    'a length, and a coding with an underscore',
    '200 400|400',
    withHead(length, 'Transfer_Encoding: chunked', 'X: y').concat('0\r\n\r\n'),
  ],
  [
    'chunks in HTTP/1.0',
    '200|400',
    lines(`POST ${path} HTTP/1.0`, host, type, 'Transfer-Encoding: chunked', '', ...whole, '0', '', ''),
  ],
]

const chunks: readonly Row[] = [
  ['one chunk and a request behind', '200 200', chunked(...whole, '0', '', marking('hostile', 'Connection: close'))],
  ['a chunk for each byte', '200', `${chunked(...[...body].flatMap((each) => ['1', each]), '0', '', '')}`],
  ['a length with leading zeros', '200', chunked(`000${whole[0]}`, body, '0', '', '')],
  ['an extension', '200', chunked(`${whole[0]};name=value`, body, '0', '', '')],
  ['a trailer', '200', chunked(...whole, '0', 'X-Trailer: y', '', '')],
  ['a trailer that is a length', '400', chunked(...whole, '0', 'Content-Length: 5', '', '')],
  ['a length that is no number', '400', chunked('xyz', '', smuggled)],
  ['a length that is negative', '400', chunked('-5', smuggled)],
  ['a length with a sign', '400', chunked(`+${whole[0]}`, body, '0', '', '')],
  ['a length with 0x', '400', chunked(`0x${whole[0]}`, body, '0', '', '')],
  ['a blank before the length', '400', chunked(` ${whole[0]}`, body, '0', '', '')],
  ['a length of 17 digits', '400|413', chunked('f'.repeat(17), smuggled)],
  ['a length of 16 digits', '', chunked('f'.repeat(16), smuggled)],
  ['no length', '400', chunked('', smuggled)],
  ['a length shorter than its data', '400', chunked((body.length - 2).toString(16), body, '0', '', smuggled)],
  ['no line end behind the data', '400', chunked(whole[0], `${body}0`, '', smuggled)],
  ['line feeds alone', '400', chunked(...whole, '0', '', '').replace(`${whole[0]}\r\n`, `${whole[0]}\n`)],
  ['a line feed in an extension', '400', chunked(`${whole[0]};x\ny`, body, '0', '', smuggled)],
  ['a carriage return in an extension', '400', chunked(`${whole[0]};x\ry`, body, '0', '', smuggled)],
  ['a NUL in an extension', '400', chunked(`${whole[0]};x\0y`, body, '0', '', smuggled)],
  ['an extension of 40 KB', '413', chunked(`${whole[0]};${'x'.repeat(40_000)}`, body, '0', '', '')],
  ['trailers of 40 KB', '400|413|431', chunked(...whole, '0', ...many(4000, 'X-Trail: y'), '', '')],
  ['a trailer with a NUL', '400', chunked(...whole, '0', 'X: \0', '', smuggled)],
].map(([name, answers, text]): Row => [`in chunks: ${name}`, answers as string, text as string])

const headers: readonly Row[] = [
  ['no host', '400', lines(`POST ${path} HTTP/1.1`, type, length, '', body)],
  ['two hosts', '400', withHead('Host: elsewhere', length, 'Connection: close')],
  ['a NUL in a value', '400', withHead('X: a\0b', length)],
  ['a carriage return in a value', '400', withHead('X: a\rb', length)],
  ['a line feed in a value', '400', withHead('X: a\nX-Evil: b', length)],
  ['a folded line', '400', withHead('X: a', ' b', length)],
  ['a name that is empty', '400', withHead(': x', length)],
  ['no colon', '400', withHead('X', length)],
  ['a blank in a name', '400', withHead('X Y: z', length)],
  ['a bracket in a name', '400', withHead('X(Y): z', length)],
  ['bytes above ASCII in a name', '400', withHead('X\xfc: z', length)],
  ['bytes above ASCII in a value', '200', withHead('X: \xfc\xff', length, 'Connection: close')],
  ['100 KiB in one value', '431', withHead(`X: ${'x'.repeat(100 * 1024)}`, length)],
  ['a name of 70,000 letters', '431', withHead(`${'x'.repeat(70_000)}: y`, length)],
  ['2,000 headers', '431', withHead(...many(2000, 'a: b'), length)],
  ['101 headers', '431', withHead(...many(98, 'a: b'), length)],
  ['an expectation that nobody knows', '417', withHead('Expect: the unexpected', length, 'Connection: close')],
  ['an expectation and the body at once', '100 200', withHead('Expect: 100-continue', length, 'Connection: close')],
  ['an expectation and a body over the limit', '413', withHead('Expect: 100-continue', 'Content-Length: 999999999')],
  [
    'an upgrade to a web socket',
    '200',
    withHead('Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA==', length),
  ],
  [
    'an upgrade to HTTP/2',
    '200',
    withHead('Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk', length),
  ],
  ['an upgrade to TLS', '200', withHead('Connection: Upgrade, close', 'Upgrade: TLS/1.2', length)],
  ['a connection header that names the length', '200', withHead('Connection: close, Content-Length', length)],
  ['a body that is packed in a way nobody knows', '415', withHead('Content-Encoding: br', length)],
  ['a method in a header', '200', withHead('X-HTTP-Method-Override: DELETE', length, 'Connection: close')],
  [
    'an address in a header',
    '200',
    withHead('X-Original-URL: /admin/v1/status', 'X-Rewrite-URL: /metrics', length, 'Connection: close'),
  ],
]

const connections: readonly Row[] = [
  ['two requests at once', '200 200', marking('hostile') + marking('hostile', 'Connection: close')],
  [
    '50 requests at once',
    many(50, '200').join(' '),
    many(49, marking('hostile')).join('') + marking('hostile', 'Connection: close'),
  ],
  ['a request behind the last one', '200|400', marking('hostile', 'Connection: close') + smuggled],
  ['a refusal and a request', '404 200', post(body, [], '/Nobody/Here') + marking('hostile', 'Connection: close')],
  ['a request in the body of another', '400|501', post(smuggled, ['Connection: close'])],
  ['a request in the body of a refused one', '404', post(smuggled, ['Connection: close'], '/Nobody/Here')],
  ['a request in the body of a GET', '405', post(smuggled, ['Connection: close']).replace('POST', 'GET')],
  ['a request in the body of an unpacked one', '415', post(smuggled, ['Content-Encoding: br', 'Connection: close'])],
  [
    'a request behind the end of another',
    '400',
    'POST / HTTP/1.1\r\nHost: localhost\r\nX: y\r\r\n\r\n'.concat(smuggled),
  ],
  ['a body that is cut off', '', withHead(`Content-Length: ${body.length + 10}`)],
  ['a head that is cut off', '', lines(`POST ${path} HTTP/1.1`, host, 'X: y')],
  ['chunks that are cut off', '', chunked(...whole)],
  ['nothing', '', ''],
]

export const hostileCases: readonly HostileCase[] = [
  ...named('target', targets),
  ...named('request line', requestLines),
  ...named('length', lengths),
  ...named('coding', codings),
  ...named('chunks', chunks),
  ...named('header', headers),
  ...named('connection', connections),
]

function named(kind: string, rows: readonly Row[]): HostileCase[] {
  return rows.map(([name, answers, text]) => ({ name: `${kind}: ${name}`, answers, text }))
}
