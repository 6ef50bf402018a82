import { once } from 'node:events'
import { Readable } from 'node:stream'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { PlaceCall, PlaceReply } from '../../src/isolate/place.ts'
import { call, dispatcherFor, dispatcherOf, exchange, openDoors, postText, rawConnection } from '../support/doors.ts'

const close = ['Connection: close']
const ok = (body: string | Buffer, contentType = 'application/json'): PlaceReply => ({
  status: 200,
  contentType,
  body: Buffer.from(body),
})
const stream = (body: Readable, length?: number, contentType = 'application/octet-stream'): PlaceReply => ({
  ...ok('', contentType),
  stream: { body, length },
})

interface Received {
  readonly status: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What comes back for one request when `reply` is what the service answers. */
async function received(reply: PlaceReply, headers: readonly string[] = []): Promise<Received> {
  const { httpPort } = await openDoors(dispatcherFor((_call, done) => done(reply)))
  return parsed(await exchange(httpPort, postText(call('echo'), [...headers, ...close])))
}

function parsed(answer: string): Received {
  const end = answer.indexOf('\r\n\r\n')
  const [status = '', ...lines] = answer.slice(0, end).split('\r\n')
  const headers = lines.map((line) => line.split(': ', 2) as [string, string])
  return {
    status: status.slice('HTTP/1.1 '.length),
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(answer.slice(end + 4), 'latin1'),
  }
}

const accepting = ['Accept-Encoding: gzip, deflate, br']
const text = JSON.stringify({ OK: true, Value: 'x'.repeat(2000) })

describe('an answer', () => {
  it.each([
    ['of 1024 bytes', ok('x'.repeat(1024)), accepting],
    ['as plain text', ok(text, 'text/plain'), ['Accept-Encoding: x, gzip;q=0.5']],
    ['as an S_ERROR', { ...ok(text), status: 500 }, accepting],
  ])('%s is compressed for who accepts it', async (_what, reply, headers) => {
    const answer = await received(reply, headers)
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    expect(gunzipSync(answer.body)).toEqual(reply.body)
  })

  it.each([
    ['is short', ok('x'.repeat(1023)), accepting],
    ['is of bytes', ok(text, 'application/octet-stream'), accepting],
    ['is not accepted so', ok(text), []],
    ['is refused so', ok(text), ['Accept-Encoding: gzip;q=0, identity']],
    ['is compressed by the service', { ...ok(text), headers: [['Content-Encoding', 'x']] as const }, accepting],
  ])('that %s is not compressed', async (_what, reply, headers) => {
    const answer = await received(reply, headers)
    expect(answer.headers['content-encoding']).not.toBe('gzip')
    expect(answer.body).toEqual(reply.body)
  })

  it('has the reason and headers that the service gave it', async () => {
    const headers = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Own', 'yes'],
    ] as const
    const { httpPort } = await openDoors(
      dispatcherFor((_call, done) => done({ ...ok('{}'), status: 418, reason: 'Custom reason', headers })),
    )
    const answer = await exchange(httpPort, postText(call('echo'), close))
    expect(answer).toMatch(/^HTTP\/1.1 418 Custom reason\r\n/)
    expect(answer).toContain('set-cookie: a=1\r\nset-cookie: b=2\r\nx-own: yes\r\n')
  })
})

describe('an answer that is streamed', () => {
  it('has its length when that is known, and is chunked when not', async () => {
    const known = await received(stream(Readable.from([Buffer.from('abc'), Buffer.from('de')]), 5))
    expect(known.headers).toMatchObject({ 'content-length': '5', 'content-type': 'application/octet-stream' })
    expect(known.body.toString()).toBe('abcde')
    const unknown = await received(stream(Readable.from([Buffer.from('abc')])))
    expect(unknown.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    expect(unknown.body.toString()).toBe('3\r\nabc\r\n0\r\n\r\n')
  })

  it('is compressed for who accepts it', async () => {
    const { http } = await openDoors(
      dispatcherFor((_call, done) => done(stream(Readable.from([Buffer.from(text)]), text.length, 'application/json'))),
    )
    const body = call('echo')
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': 'gzip' }
    const response = await fetch(`${http}/Samples/Echo`, { method: 'POST', body, headers })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe(text)
  })

  it('that breaks off ends the connection, and one whose caller goes away is ended', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('abc')
        throw new Error('broken')
      })(),
    )
    const half = await received(stream(broken, 5))
    expect(half.body.toString()).toBe('abc')

    const endless = new Readable({ read: () => void setImmediate(() => endless.push(Buffer.alloc(10_000))) })
    const { httpPort } = await openDoors(dispatcherFor((_call, done) => done(stream(endless))))
    const connection = await rawConnection(httpPort)
    connection.socket.write(postText(call('echo')))
    await connection.until('chunked')
    connection.socket.destroy()
    if (!endless.destroyed) await once(endless, 'error')
    expect(endless.destroyed).toBe(true)
  })
})

describe('a call', () => {
  it('may come compressed, as multipart, and ask for its answer as it is', async () => {
    const calls: PlaceCall[] = []
    const { httpPort } = await openDoors(
      dispatcherFor((one, done) => {
        calls.push(one)
        done(ok('{}'))
      }),
    )
    const packed = gzipSync(call('echo', ['packed']))
    const multipart =
      '--X\r\nContent-Disposition: form-data; name="method"\r\n\r\nping\r\n--X\r\nContent-Disposition: form-data; name="rawContent"\r\n\r\nTrue\r\n--X--\r\n'
    const head = (type: string, length: number, more: string): string =>
      `POST /Samples/Echo?rawContent=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n${more}\r\n`
    await exchange(
      httpPort,
      Buffer.concat([
        Buffer.from(head('application/x-www-form-urlencoded', packed.length, 'Content-Encoding: GZIP\r\n')),
        packed,
        Buffer.from(head('multipart/form-data; boundary=X', multipart.length, 'Connection: close\r\n') + multipart),
      ]),
    )
    // The first is unpacked while the second is read.
    expect(calls.sort((one, other) => one.method.localeCompare(other.method))).toEqual([
      { endpoint: 0, method: 'echo', args: '["packed"]', told: '{"raw":true}' },
      { endpoint: 0, method: 'ping', args: '[]', told: '{"raw":true}' },
    ])
  })

  it('says where it comes from to a service that asks', async () => {
    let told: unknown
    const dispatcher = dispatcherOf({
      'Samples/Echo': {
        asksOrigin: true,
        answers: (one, done) => {
          told = JSON.parse(one.told ?? '{}')
          done(ok('{}'))
        },
      },
    })
    const { httpPort } = await openDoors(dispatcher)
    await exchange(httpPort, postText(call('echo'), close).replace('Host: localhost', 'Host: node:8443'))
    expect(told).toEqual({ remote: ['127.0.0.1', expect.any(Number)], base: 'http://node:8443' })
  })

  it('says by which address it pings, if a client of DIRAC 9.1 does, of whose ping that is a part', async () => {
    const told: (string | undefined)[] = []
    const dispatcher = dispatcherFor((one, done) => {
      told.push(one.told)
      done(ok('{}'))
    })
    const { httpPort } = await openDoors(dispatcher)
    for (const form of [
      'method=ping&clientSetup=None',
      'method=ping&clientSetup=Production',
      'method=echo&clientSetup=None',
    ])
      await exchange(httpPort, postText(form, close))
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ base: 'http://localhost', tellsURL: true })
    expect(told.slice(1)).toEqual([undefined, undefined])
  })
})
