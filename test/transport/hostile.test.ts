import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  call,
  dispatcherFor,
  dispatcherOf,
  echo,
  exchange,
  openDoors,
  postText,
  rawConnection,
} from '../support/doors.ts'

const close = ['Connection: close']
const ping = call('ping')
const statuses = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((found) => found[1] as string)

describe('a pathname is compared as it was sent', () => {
  it.each([
    '/Samples%2FEcho',
    '/Samples%2fEcho',
    '/Samples/%45cho',
    '/Samples/../Samples/Echo',
    '/./Samples/Echo',
    '/x/%2e%2e/Samples/Echo',
    '//Samples/Echo',
    '/Samples//Echo',
    '/Samples/Echo/',
    '/samples/echo',
    '/Samples/Echo;x=1',
    '/Samples/Echo#x',
    '/Samples\\Echo',
    '/__proto__/constructor',
    'Samples/Echo',
    '*',
    'http://',
  ])('%s is no service', async (path) => {
    const { httpPort } = await openDoors()
    const [status] = statuses(await exchange(httpPort, postText(ping, close, path)))
    expect(status).toMatch(/^40[04]$/)
  })

  it('is found in the absolute form as well', async () => {
    const { httpPort } = await openDoors()
    const answer = await exchange(httpPort, postText(ping, close, 'http://elsewhere.example/Samples/Echo'))
    expect(statuses(answer)).toEqual(['200'])
  })
})

describe('what is not HTTP is refused and closed', () => {
  const head = ['POST /Samples/Echo HTTP/1.1', 'Host: localhost']
  it.each<[string, string, string]>([
    ['no host', '400', 'GET / HTTP/1.1\r\n\r\n'],
    ['garbage', '400', '\x16\x03\x01 hello\r\n\r\n'],
    ['a NUL in a header', '400', [...head, 'X: a\0b', '', ''].join('\r\n')],
    ['a line end inside a header', '400', [...head, 'X: a\rb', '', ''].join('\r\n')],
    ['a blank before the colon', '400', [...head, 'Content-Length : 3', '', 'abc'].join('\r\n')],
    ['a folded header', '400', [...head, 'X: a', ' b', '', ''].join('\r\n')],
    ['bare line feeds', '400', [...head, 'Content-Length: 0', '', ''].join('\n')],
    ['both lengths', '400', [...head, 'Content-Length: 3', 'Transfer-Encoding: chunked', '', '0', '', ''].join('\r\n')],
    ['two lengths', '400', [...head, 'Content-Length: 3', 'Content-Length: 4', '', 'abcd'].join('\r\n')],
    ['a negative length', '400', [...head, 'Content-Length: -1', '', ''].join('\r\n')],
    ['a coding after chunked', '400', [...head, 'Transfer-Encoding: chunked, identity', '', '0', '', ''].join('\r\n')],
    ['an unknown coding', '501', [...head, 'Transfer-Encoding: xchunked', '', '0', '', ''].join('\r\n')],
    [
      'a chunk length that is no number',
      '400',
      [...head, 'Transfer-Encoding: chunked', '', 'xyz', '', ''].join('\r\n'),
    ],
    [
      'an endless chunk extension',
      '413',
      [...head, 'Transfer-Encoding: chunked', '', `3;${'x'.repeat(40_000)}`, 'abc', ''].join('\r\n'),
    ],
    ['100 KiB of header', '431', [...head, `X: ${'x'.repeat(100 * 1024)}`, '', ''].join('\r\n')],
    ['2,000 headers', '431', [...head, ...Array.from({ length: 2000 }, () => 'a:b'), '', ''].join('\r\n')],
    ['101 headers', '431', [...head, ...Array.from({ length: 100 }, () => 'a:b'), '', ''].join('\r\n')],
    ['HTTP/2', '400', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: %s', async (_, status, text) => {
    const { httpPort } = await openDoors()
    const answer = await exchange(httpPort, text)
    expect(statuses(answer)).toEqual([status])
    expect(answer).toMatch(/^Connection: close$/im)
  })

  it('a tunnel is not opened', async () => {
    const { httpPort } = await openDoors()
    expect(await exchange(httpPort, 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n')).toBe('')
  })

  it('an upgrade is not made: the request is answered as one without it', async () => {
    const { httpPort } = await openDoors()
    const answer = await exchange(httpPort, postText(ping, ['Connection: close, Upgrade', 'Upgrade: websocket']))
    expect(statuses(answer)).toEqual(['200'])
  })
})

describe('a body', () => {
  const limit = { bodyLimit: 1000 }
  const long = `method=echo&args=${'x'.repeat(2000)}`
  const chunked = (body: string): string =>
    [
      'POST /Samples/Echo HTTP/1.1',
      'Host: localhost',
      'Transfer-Encoding: chunked',
      '',
      body.length.toString(16),
      body,
      '0',
      '',
      '',
    ].join('\r\n')

  it('of exactly the limit is taken, one byte more is not', async () => {
    const { httpPort } = await openDoors(undefined, limit)
    const exactly = `method=echo&args=${'x'.repeat(983)}`
    expect(statuses(await exchange(httpPort, postText(exactly, close)))).toEqual(['200'])
    expect(statuses(await exchange(httpPort, postText(`${exactly}x`, close)))).toEqual(['413'])
  })

  it.each([
    ['with its length', postText(long)],
    ['in chunks', chunked(long)],
    ['that is asked for first', postText(long, ['Expect: 100-continue'])],
  ])('over the limit, %s, is refused and the connection closed', async (_, text) => {
    const { httpPort } = await openDoors(undefined, limit)
    const answer = await exchange(httpPort, text)
    expect(statuses(answer)).toEqual(['413'])
    expect(answer).toMatch(/^Connection: close$/im)
    expect(answer).toContain('the body is longer than 1000 bytes')
  })

  it('that never ends is cut, and whoever sends it reads why', async () => {
    const { httpPort } = await openDoors(undefined, limit)
    const connection = await rawConnection(httpPort)
    connection.socket.write(postText('').replace('Content-Length: 0', 'Content-Length: 999999999'))
    await connection.until('is longer than')
    const closed = new Promise((resolve) => connection.socket.once('close', resolve))
    const more = setInterval(() => connection.socket.write('x'.repeat(1000)), 10)
    await closed
    clearInterval(more)
    expect(statuses(connection.answer())).toEqual(['413'])
  })

  it('is asked for when the caller waits for that', async () => {
    const { httpPort } = await openDoors()
    const connection = await rawConnection(httpPort)
    const [head, body] = postText(ping, ['Expect: 100-continue', ...close]).split('\r\n\r\n') as [string, string]
    connection.socket.write(`${head}\r\n\r\n`)
    await connection.until('100 Continue')
    connection.socket.write(body)
    expect(statuses(await connection.until('"OK":true'))).toEqual(['100', '200'])
    connection.socket.destroy()
  })

  it.each([
    ['in a way that is unknown', 'br', Buffer.from(ping), '415'],
    ['in two ways', 'gzip, gzip', gzipSync(gzipSync(ping)), '415'],
    ['and is not', 'gzip', Buffer.from(ping), '400'],
    ['and cut off', 'gzip', gzipSync(ping).subarray(0, 20), '400'],
    ['and empty', 'gzip', Buffer.alloc(0), '400'],
    ['and a bomb', 'gzip', gzipSync(`method=ping&x=${'x'.repeat(3 * 1024 * 1024)}`), '413'],
    ['and more than there is room for', 'gzip', gzipSync(`method=ping&x=${'x'.repeat(300_000)}`), '503'],
  ])('that is compressed %s is refused', async (_how, encoding, body, status) => {
    const limits = { calls: 10, bytes: 200_000 }
    const { httpPort } = await openDoors(status === '503' ? dispatcherOf({ 'Samples/Echo': { limits } }) : undefined)
    const head = postText('', [`Content-Encoding: ${encoding}`, ...close]).replace(
      /(?<=Content-Length: )0/,
      `${body.length}`,
    )
    expect(statuses(await exchange(httpPort, Buffer.concat([Buffer.from(head), body])))).toEqual([status])
  })
})

describe('a slow caller', () => {
  const soon = { headersTimeout: 200, requestTimeout: 400 }

  it('who does not finish the headers is cut with 408', async () => {
    const { httpPort } = await openDoors(undefined, soon)
    const connection = await rawConnection(httpPort)
    const drip = setInterval(() => connection.socket.write('X: y\r\n'), 50)
    connection.socket.write('POST /Samples/Echo HTTP/1.1\r\nHost: localhost\r\n')
    await new Promise((resolve) => connection.socket.once('close', resolve))
    clearInterval(drip)
    expect(statuses(connection.answer())).toEqual(['408'])
  })

  it('who does not finish the body is cut', async () => {
    const { httpPort } = await openDoors(undefined, soon)
    const connection = await rawConnection(httpPort)
    connection.socket.write(postText('').replace('Content-Length: 0', 'Content-Length: 100'))
    const drip = setInterval(() => connection.socket.write('x'), 50)
    await new Promise((resolve) => connection.socket.once('close', resolve))
    clearInterval(drip)
    expect(statuses(connection.answer())).toEqual(['408'])
  })

  it('who does not read a long answer is cut', async () => {
    const long = { status: 200, contentType: 'application/octet-stream', body: Buffer.alloc(64 * 1024 * 1024) } as const
    const { httpPort } = await openDoors(
      dispatcherFor((_call, done) => done(long)),
      { keepAliveTimeout: 200 },
    )
    const { socket } = await rawConnection(httpPort)
    socket.pause()
    socket.write(postText(ping))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // What the system has taken in the meantime is all that comes.
    setTimeout(() => socket.resume(), 1000)
    await closed
    expect(socket.bytesRead).toBeLessThan(long.body.length)
  })

  it('does not keep others waiting, not even 300 of them', async () => {
    const { httpPort, http } = await openDoors()
    const slow = await Promise.all(Array.from({ length: 300 }, () => rawConnection(httpPort)))
    for (const { socket } of slow) socket.write('POST /Samples/Echo HTTP/1.1\r\n')
    const started = performance.now()
    const response = await fetch(`${http}/Samples/Echo`, {
      method: 'POST',
      body: new URLSearchParams({ method: 'ping' }),
    })
    expect(response.status).toBe(200)
    expect(performance.now() - started).toBeLessThan(1000)
    for (const { socket } of slow) socket.destroy()
  })
})

describe('one connection', () => {
  it('answers pipelined requests in their order, whichever service is quicker', async () => {
    const waiting: (() => void)[] = []
    const dispatcher = dispatcherFor((placeCall, done) => {
      if (placeCall.args === '["first"]') waiting.push(() => echo(placeCall, done))
      else {
        echo(placeCall, done)
        for (const answer of waiting) answer()
      }
    })
    const { httpPort } = await openDoors(dispatcher)
    const answer = await exchange(
      httpPort,
      postText(call('echo', ['first'])) + postText(call('echo', ['second'])) + postText(call('echo', ['third']), close),
    )
    expect(statuses(answer)).toEqual(['200', '200', '200'])
    expect([...answer.matchAll(/first|second|third/g)].map(String)).toEqual(['first', 'second', 'third'])
  })

  it('goes on after a refusal', async () => {
    const { httpPort } = await openDoors()
    const refused = postText(ping).replace('POST', 'PUT')
    const nowhere = postText(ping, [], '/nowhere')
    const answer = await exchange(httpPort, refused + nowhere + postText('args=[]') + postText(ping, close))
    expect(statuses(answer)).toEqual(['405', '404', '400', '200'])
  })

  it('does not take what follows a body for its own', async () => {
    const { httpPort } = await openDoors()
    const smuggled = postText(ping, ['Content-Length: 3'])
    expect(statuses(await exchange(httpPort, smuggled))).toEqual(['400'])
  })
})
