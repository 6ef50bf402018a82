import { Agent, type ClientRequest, request } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { call, dispatcherFor, echo, openDoors, rawConnection } from '../support/doors.ts'
import { openFront } from '../support/front.ts'

interface Asked {
  readonly path: string
  readonly body: Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: Agent
  /** Sent as it is, in as many pieces; else with its length. */
  readonly chunked?: true
}

/** Resolves with the status, or the code of the error that came in its place. */
function ask(port: number, { path, body, headers = {}, agent, chunked }: Asked): Promise<number | string> {
  return new Promise((resolve) => {
    const length: Record<string, string> = chunked ? {} : { 'content-length': String(body.length) }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const options = { port, path, method: 'POST', agent: agent ?? false, headers: { ...form, ...length, ...headers } }
    const asked: ClientRequest = request(options, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode as number))
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
    asked.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    if (headers.expect === undefined) asked.end(body)
    else asked.once('continue', () => asked.end(body))
  })
}

const sizes = [0, 1000, 200_000, 4_000_000]
const bodyLimit = 1024 * 1024

describe.each(['node', 'front'] as const)('an answer that a %s gives before it has read the body', (kind) => {
  const open = async (dispatcher = dispatcherFor()): Promise<number> =>
    kind === 'front'
      ? openFront(dispatcher, { bodyLimit })
      : (await openDoors(dispatcher, { bodyLimit, drain: 100 })).httpPort

  it('reaches who sends a body of whatever length, and goes on with the connection or not', async () => {
    const port = await open()
    const kept = new Agent({ keepAlive: true, maxSockets: 4 })
    onTestFinished(() => kept.destroy())
    const asked = sizes.flatMap((size) =>
      [undefined, kept].flatMap((agent) => [
        ...[undefined, true as const].flatMap((chunked) => [
          { path: '/no/service', chunked, agent, size, status: 404 },
          { path: '/healthz', chunked, agent, size, status: 404 },
        ]),
        { path: '/Samples/Echo', agent, size, status: size > bodyLimit ? 413 : 400 },
        { path: '/Samples/Echo', headers: { 'content-encoding': 'br' }, agent, size, status: 415 },
        { path: '/admin/v1/node', agent, size, status: 415 },
      ]),
    )
    const answers = await Promise.all(
      asked.map(async ({ size, status: _, ...one }) => ask(port, { ...one, body: Buffer.alloc(size) } as Asked)),
    )
    const wrong = asked.flatMap((one, at) => (answers[at] === one.status ? [] : [{ ...one, got: answers[at] }]))
    expect(wrong.map(({ agent, ...one }) => ({ ...one, kept: agent !== undefined }))).toEqual([])
  })

  it('is there at once for who waits with the body until he is asked for it', async () => {
    const port = await open()
    const expecting = { expect: '100-continue' }
    const body = Buffer.from(call('ping'))
    expect(await ask(port, { path: '/Samples/Echo', body, headers: expecting })).toBe(200)
    expect(await ask(port, { path: '/no/service', body, headers: expecting })).toBe(404)
    const long = Buffer.alloc(bodyLimit + 1)
    expect(await ask(port, { path: '/Samples/Echo', body: long, headers: expecting })).toBe(413)
  })

  it('comes from the node once for each of many, and each call is run once', async () => {
    let runs = 0
    const port = await open(
      dispatcherFor((asked, done) => {
        runs += 1
        echo(asked, done)
      }),
    )
    const many = 60
    const body = Buffer.from(call('echo', ['x'.repeat(20_000)]))
    const answers = await Promise.all(
      Array.from({ length: 2 * many }, (_, at) =>
        ask(
          port,
          at % 2 === 0 ? { path: '/Samples/Echo', body } : { path: '/no/service', body: Buffer.alloc(200_000) },
        ),
      ),
    )
    expect(answers.filter((answer, at) => answer !== (at % 2 === 0 ? 200 : 404))).toEqual([])
    expect(runs).toBe(many)
  })

  it('is followed by what stands behind the body on a kept connection, and by nothing on one that it ends', async () => {
    const port = await open()
    const body = 'x'.repeat(300_000)
    const head = (path: string, length: number, more = ''): string =>
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n${more}\r\n`
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n'
    const next = head('/Samples/Echo', call('ping').length, form) + call('ping')
    const kept = await rawConnection(port)
    kept.socket.write(head('/no/service', body.length))
    await kept.until('no service has this address')
    kept.socket.write(body + next)
    await kept.until('HTTP/1.1 200 ')
    kept.socket.destroy()

    const ended = await rawConnection(port)
    ended.socket.write(head('/no/service', body.length, 'Expect: 100-continue\r\n'))
    await ended.until('no service has this address')
    ended.socket.write(body + next)
    await new Promise((resolve) => ended.socket.once('close', resolve))
    expect(ended.answer().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404'])
  })
})
