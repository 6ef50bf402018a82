import { request as httpsRequest } from 'node:https'
import { describe, expect, it } from 'vitest'
import { call, dispatcherFor, echo, exchange, hostCredentials, json, openDoors, postText } from '../support/doors.ts'

const post = (address: string, body: string, init: RequestInit = {}): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
    ...init,
  })

describe('a call', () => {
  it('is dispatched and answered with the length of its answer', async () => {
    const { http } = await openDoors()
    const response = await post(`${http}/Samples/Echo`, call('echo', ['x']))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('transfer-encoding')).toBeNull()
    const text = await response.text()
    expect(response.headers.get('content-length')).toBe(String(text.length))
    expect(JSON.parse(text)).toEqual({ OK: true, Value: { method: 'echo', args: '["x"]' } })
  })

  it('is answered on HTTPS to who trusts the CA', async () => {
    const { httpsPort } = await openDoors()
    const { ca } = await hostCredentials()
    const answer = await new Promise<string>((resolve, reject) => {
      const body = call('ping')
      const request = httpsRequest(
        {
          host: 'localhost',
          port: httpsPort,
          path: '/Samples/Echo',
          method: 'POST',
          ca,
          family: 4,
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.once('end', () => resolve(text))
        },
      )
      request.once('error', reject).end(body)
    })
    expect(JSON.parse(answer)).toMatchObject({ OK: true })
  })

  it('may have a body of many chunks', async () => {
    const { http } = await openDoors()
    const value = 'x'.repeat(500_000)
    const response = await post(`${http}/Samples/Echo`, call('echo', [value]))
    expect(await response.json()).toMatchObject({ Value: { args: JSON.stringify([value]) } })
  })

  it('carries what the service answered: status, type and bytes', async () => {
    const reply = { status: 418, contentType: 'application/octet-stream', body: Buffer.from([0, 255, 10]) } as const
    const { http } = await openDoors(dispatcherFor((_call, done) => done(reply)))
    const response = await post(`${http}/Samples/Echo`, call('echo'))
    expect([response.status, response.headers.get('content-type')]).toEqual([418, 'application/octet-stream'])
    expect(Buffer.from(await response.arrayBuffer())).toEqual(reply.body)
  })

  it('may name its method in the query, where the body has none', async () => {
    const { http } = await openDoors()
    const methodOf = async (query: string, body: string): Promise<string> => {
      const response = await post(`${http}/Samples/Echo${query}`, body)
      return ((await response.json()) as { Value: { method: string } }).Value.method
    }
    expect(await methodOf('?method=ping', 'args=[]')).toBe('ping')
    expect(await methodOf('?method=ping', call('echo'))).toBe('echo')
  })

  it('is answered with 500 when what the service answered can not be sent', async () => {
    const reply = { ...json('x'), status: 99 }
    const { http, log } = await openDoors(dispatcherFor((_call, done) => done(reply)))
    const response = await post(`${http}/Samples/Echo`, call('echo'))
    expect([response.status, await response.json()]).toMatchObject([500, { OK: false }])
    expect(log.lines).toEqual(['error a request could not be handled'])
  })

  it('whose caller goes away does no harm', async () => {
    let answers = (): void => undefined
    const called = new Promise<void>((resolve) => {
      answers = resolve
    })
    let reply = (): void => undefined
    const dispatcher = dispatcherFor((placeCall, done) => {
      if (placeCall.method === 'ping') return echo(placeCall, done)
      reply = () => done(json('too late'))
      answers()
    })
    const { http, log } = await openDoors(dispatcher)
    const leaving = new AbortController()
    const left = post(`${http}/Samples/Echo`, call('echo'), { signal: leaving.signal })
    await called
    leaving.abort()
    await expect(left).rejects.toThrow()
    reply()
    expect((await post(`${http}/Samples/Echo`, call('ping'))).status).toBe(200)
    expect(log.lines).toEqual([])
  })
})

describe('the order of refusals', () => {
  it.each([
    [404, 'GET', '/Samples/Nothing', ''],
    [404, 'POST', '/', ''],
    [404, 'POST', '/Samples', ''],
    [405, 'GET', '/Samples/Echo', ''],
    [405, 'PUT', '/Samples/Echo', call('ping')],
    [405, 'DELETE', '/Samples/Echo', ''],
    [405, 'OPTIONS', '/Samples/Echo', ''],
    [405, 'TRACE', '/Samples/Echo', ''],
    [400, 'POST', '/Samples/Echo', ''],
    [400, 'POST', '/Samples/Echo', 'args=[]'],
    [400, 'POST', '/Samples/Echo', 'method=%ff'],
    [501, 'POST', '/Samples/Echo', 'method='],
    [501, 'POST', '/Samples/Echo', call('destroyEverything')],
    [200, 'POST', '/Samples/Echo', call('ping')],
    [200, 'POST', '/Samples/Echo?x=1', call('ping')],
  ])('%i for %s %s %s', async (status, method, path, body) => {
    const { httpPort } = await openDoors()
    const text = postText(body, ['Connection: close'], path).replace(/^POST/, method)
    expect(await exchange(httpPort, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })

  it('says with 405 which method is allowed, with an S_ERROR as body', async () => {
    const { http } = await openDoors()
    const response = await fetch(`${http}/Samples/Echo`)
    expect(response.headers.get('allow')).toBe('POST')
    expect(await response.json()).toEqual({ OK: false, Errno: 0, Message: 'GET is not allowed' })
    const head = await fetch(`${http}/Samples/Echo`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([405, ''])
  })

  it('says when to try again, if the dispatcher knows', async () => {
    const dispatcher = dispatcherFor()
    const target = dispatcher.find('/Samples/Echo')?.target
    if (target)
      target.traffic.refusal = { status: 503, contentType: 'application/json', body: Buffer.from('{}'), retryAfter: 7 }
    const { http } = await openDoors(dispatcher)
    const response = await post(`${http}/Samples/Echo`, call('ping'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7'])
  })

  it('refuses everyone at a secure service that has no rules yet', async () => {
    const dispatcher = dispatcherFor()
    const endpoint = dispatcher.find('/Samples/Echo')
    if (endpoint?.target) endpoint.target = { ...endpoint.target, secure: true }
    const { http } = await openDoors(dispatcher)
    const response = await post(`${http}/Samples/Echo`, call('ping'))
    expect([response.status, await response.json()]).toEqual([
      401,
      { OK: false, Errno: 1111, Message: 'Unauthorized query' },
    ])
  })

  it('answers 404 as the caller can read it', async () => {
    const { http } = await openDoors()
    const ask = (accept: string): Promise<Response> => fetch(`${http}/nothing`, { headers: { accept } })
    expect(await (await ask('application/json')).json()).toMatchObject({ OK: false })
    expect(await (await ask('*/*')).text()).toBe('Not found: no service has this address.\n')
    expect((await ask('*/*')).headers.get('x-powered-by')).toBeNull()
  })
})
