import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callService, ServiceClient } from '../../src/service/index.ts'

type Answer = (body: string, request: IncomingMessage, response: ServerResponse) => void

/** A server on loopback, and how many connections it has seen. */
async function serving(answer: Answer): Promise<{ address: string; connections(): number }> {
  let connections = 0
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.on('end', () => answer(body, request, response))
  }).on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}/Samples/Counter`, connections: () => connections }
}

const ok: Answer = (body, _request, response) => void response.end(JSON.stringify({ OK: true, Value: body }))

describe('a client of a service', () => {
  it('posts method and arguments as a form and gives back the structure', async () => {
    let seen: IncomingMessage | undefined
    const { address } = await serving((body, request, response) => {
      seen = request
      ok(body, request, response)
    })
    const result = await callService(address, 'add', [1, 'ä+&='])
    expect(result).toEqual({ OK: true, Value: 'method=add&args=%5B1%2C%22%C3%A4%2B%26%3D%22%5D' })
    expect(seen).toMatchObject({ method: 'POST', url: '/Samples/Counter' })
    expect(seen?.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  it('keeps its connection', async () => {
    const { address, connections } = await serving(ok)
    const client = new ServiceClient(address)
    for (let turn = 0; turn < 5; turn += 1) await client.call('add', [turn])
    await callService(address, 'add')
    expect(connections()).toBe(1)
  })

  it.each([
    [
      'an S_ERROR of any status',
      503,
      '{"OK":false,"Errno":0,"Message":"not ready"}',
      { OK: false, Errno: 0, Message: 'not ready' },
    ],
    [
      'a page',
      502,
      '<html>',
      { OK: false, Errno: 0, Message: expect.stringMatching(/status 502 and no return structure: <html>/) },
    ],
    ['plain text', 200, 'text', { OK: false, Message: expect.stringMatching(/no return structure: text/) }],
    [
      'an object that is no structure',
      200,
      '{"OK":true}',
      { OK: false, Message: expect.stringMatching(/no return structure/) },
    ],
    ['null', 200, 'null', { OK: false }],
  ])('takes %s', async (_what, status, text, expected) => {
    const { address } = await serving((_body, _request, response) => void response.writeHead(status).end(text))
    expect(await callService(address, 'add')).toMatchObject(expected)
  })

  it.each([
    ['a connection that breaks', ((_body, request) => void request.socket.destroy()) as Answer, /socket hang up/],
    [
      'an answer that breaks off',
      ((_body, request, response) => {
        response.writeHead(200, { 'Content-Length': 100 })
        response.write('x')
        setImmediate(() => request.socket.destroy())
      }) as Answer,
      /aborted/,
    ],
    ['an answer that never comes', (() => {}) as Answer, /no answer within 200 ms/, 200],
    [
      'an answer that is too large',
      ((_body, _request, response) => void response.end('x'.repeat(2000))) as Answer,
      /more than 1000 bytes/,
    ],
  ])('has an S_ERROR for %s', async (_what, answer, message, limit = 20_000) => {
    const { address } = await serving(answer)
    const client = new ServiceClient(address, { timeout: limit, largestAnswer: 1000 })
    expect(await client.call('add')).toEqual({ OK: false, Errno: 0, Message: expect.stringMatching(message) })
  })

  it.each(['http://127.0.0.1:1/x', 'ftp://127.0.0.1/x'])('has an S_ERROR for %s', async (address) => {
    expect(await callService(address, 'add')).toMatchObject({ OK: false, Message: expect.stringContaining(address) })
  })

  it('has an S_ERROR for arguments that can not be sent', async () => {
    expect(await callService('http://127.0.0.1:1/x', 'add', [1n])).toMatchObject({ OK: false })
  })
})
