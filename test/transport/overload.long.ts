import { describe, expect, it } from 'vitest'
import { call, dispatcherOf, echo, json, openDoors, postText, rawConnection } from '../support/doors.ts'
import { until } from '../support/node.ts'

const limits = { calls: 3, bytes: 100_000 }

/** A service `Samples/Stuck` that answers when it is told to, beside `Samples/Echo`. */
function stuckAndHealthy() {
  const waiting: (() => void)[] = []
  const dispatcher = dispatcherOf({
    'Samples/Echo': {},
    'Samples/Stuck': { limits, answers: (asked, done) => waiting.push(() => echo(asked, done)) },
  })
  const traffic = dispatcher.find('/Samples/Stuck')?.target?.traffic
  if (traffic === undefined) throw new Error('there is no such service')
  return { dispatcher, traffic, answerAll: () => waiting.splice(0).map((answer) => answer()) }
}

/** Answers come as they are: what isn't packed is what counts. */
const post = (address: string, args: unknown = []): Promise<Response> =>
  fetch(address, {
    method: 'POST',
    headers: { 'accept-encoding': 'identity' },
    body: new URLSearchParams({ method: 'echo', args: JSON.stringify(args) }),
  })

const stuckText = (body: string, headers: readonly string[] = []): string => postText(body, headers, '/Samples/Stuck')
const head = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n') + 4)
const long = call('echo', ['x'.repeat(60_000)])

describe('a running instance that has as many calls as it may have', () => {
  it('gets no more: they are refused at once, and it gets some again when it has answered', async () => {
    const { dispatcher, traffic, answerAll } = stuckAndHealthy()
    const { http } = await openDoors(dispatcher)
    const taken = [1, 2, 3].map(() => post(`${http}/Samples/Stuck`))
    await until(() => traffic.inside === 3, 'three calls are inside')
    const refused = await post(`${http}/Samples/Stuck`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toMatchObject({ OK: false, Message: 'the service has as many calls as it may have' })
    answerAll()
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200])
    const again = post(`${http}/Samples/Stuck`)
    await until(() => traffic.inside === 1, 'the next call is inside')
    answerAll()
    expect((await again).status).toBe(200)
  })

  it('harms no other: every call of its neighbour is answered', async () => {
    const { dispatcher, traffic } = stuckAndHealthy()
    const { http } = await openDoors(dispatcher)
    const stuck = Array.from({ length: 50 }, () => post(`${http}/Samples/Stuck`).catch(() => undefined))
    await until(() => traffic.inside === 3, 'it is stuck')
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(`${http}/Samples/Echo`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const refused = (await Promise.race(stuck))?.status
    expect(refused).toBe(503)
  })

  it('refuses before the body is sent, and the connection goes on when the body is short', async () => {
    const { dispatcher, traffic } = stuckAndHealthy()
    for (let each = 0; each < limits.calls; each++) traffic.enter()
    const { httpPort } = await openDoors(dispatcher)
    const { socket, until: answered } = await rawConnection(httpPort)
    const text = stuckText(long)
    socket.write(head(text))
    expect(await answered('may have')).toMatch(/^HTTP\/1.1 503 [\s\S]*retry-after: 1\r\n/)
    socket.write(text.slice(head(text).length) + postText(call('ping')))
    expect(await answered('"OK":true')).not.toMatch(/^Connection: close$/im)
    socket.destroy()
  })

  it('does not let a caller send the body who asks first', async () => {
    const { dispatcher, traffic } = stuckAndHealthy()
    for (let each = 0; each < limits.calls; each++) traffic.enter()
    const { httpPort } = await openDoors(dispatcher)
    const { socket, until: answered } = await rawConnection(httpPort)
    socket.write(head(stuckText(long, ['Expect: 100-continue'])))
    const answer = await answered('may have')
    expect(answer).toMatch(/^HTTP\/1.1 503 /)
    expect(answer).toMatch(/^Connection: close\r$/im)
    socket.destroy()
  })
})

describe('the bytes that are kept for a running instance', () => {
  it('are bounded while bodies are read, whether or not their length is told, and free when callers go away', async () => {
    const { dispatcher, traffic } = stuckAndHealthy()
    const { httpPort, http } = await openDoors(dispatcher)
    const slow = await rawConnection(httpPort)
    slow.socket.write(stuckText(long).slice(0, -1))
    await until(() => traffic.bytes > 60_000, 'its body is read')

    const told = await rawConnection(httpPort)
    told.socket.write(head(stuckText(long)))
    expect(await told.until('may have')).toMatch(/^HTTP\/1.1 503 /)
    const untold = await rawConnection(httpPort)
    const chunked = head(stuckText(long)).replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')
    untold.socket.write(`${chunked}${long.length.toString(16)}\r\n${long}\r\n`)
    expect(await untold.until('may have')).toMatch(/^HTTP\/1.1 503 /)
    expect((await post(`${http}/Samples/Echo`, ['x'.repeat(200_000)])).status).toBe(200)

    for (const { socket } of [slow, told, untold]) socket.destroy()
    await until(() => traffic.bytes === 0, 'nothing is kept of it')
  })

  it('are bounded while calls wait for their answer', async () => {
    const { dispatcher, traffic, answerAll } = stuckAndHealthy()
    const { http } = await openDoors(dispatcher)
    const value = ['x'.repeat(60_000)]
    const first = post(`${http}/Samples/Stuck`, value)
    await until(() => traffic.inside === 1, 'the first is inside')
    expect((await post(`${http}/Samples/Stuck`, value)).status).toBe(503)
    answerAll()
    expect((await first).status).toBe(200)
    expect(traffic.bytes).toBe(0)
  })
})

const MiB = 1024 * 1024

/** Answers with so many bytes. */
const answering = (bytes: number) => {
  const reply = { ...json('x'), body: Buffer.alloc(bytes) }
  return dispatcherOf({ 'Samples/Echo': { answers: (_, done) => done(reply) } })
}

describe('callers who read slowly', () => {
  it('are cut, the one that waits longest first, when too much waits for them; who reads gets it all', async () => {
    const { http, httpPort } = await openDoors(answering(16 * MiB), { unreadLimit: 40 * MiB })
    const silent = await Promise.all([1, 2, 3, 4].map(() => rawConnection(httpPort)))
    const cut: number[] = []
    for (const [index, { socket }] of silent.entries()) {
      socket.once('close', () => cut.push(index))
      socket.write(postText(call('echo')))
      // The beginning of its answer has come: its turn in the order is certain.
      await new Promise((resolve) => socket.once('data', resolve))
      socket.pause()
    }
    const read = await (await post(`${http}/Samples/Echo`)).arrayBuffer()
    expect(read.byteLength).toBe(16 * MiB)
    for (const { socket } of silent) socket.resume()
    await until(() => silent.every(({ socket }) => cut.length === 3 || socket.destroyed), 'three are cut')
    expect(cut.slice(0, 3).sort()).toEqual([0, 1, 2])
    expect(silent.slice(0, 2).every(({ socket }) => socket.bytesRead < 16 * MiB)).toBe(true)
    for (const { socket } of silent) socket.destroy()
  })

  it('are cut when the whole takes too long, though they read now and then', async () => {
    const { httpPort } = await openDoors(answering(64 * MiB), { responseTimeout: 300 })
    const { socket } = await rawConnection(httpPort)
    socket.write(postText(call('echo')))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('data', () => {
      socket.pause()
      setTimeout(() => socket.resume(), 5)
    })
    await closed
    expect(socket.bytesRead).toBeLessThan(64 * MiB)
  })

  it('are cut when they read none of many short answers', async () => {
    const { httpPort } = await openDoors(answering(16 * 1024), { keepAliveTimeout: 100 })
    const { socket } = await rawConnection(httpPort)
    socket.pause()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // Asking goes on until the connection is gone: a caller that isn't reading learns it by no other way.
    const asking = setInterval(() => socket.write(postText(call('echo')).repeat(200)), 10)
    await closed
    clearInterval(asking)
  })
})

describe('a door', () => {
  it('has so many connections open and no more, says so, and takes others when some have gone', async () => {
    const { http, httpPort, log } = await openDoors(undefined, { connections: 3 })
    const open = await Promise.all([1, 2, 3].map(() => rawConnection(httpPort)))
    for (const { socket, until: answered } of open) {
      socket.write(postText(call('ping')))
      await answered('"OK":true')
    }
    await expect(post(`${http}/Samples/Echo`)).rejects.toThrow()
    await expect(post(`${http}/Samples/Echo`)).rejects.toThrow()
    expect(log.lines).toEqual(['warn a door is full: it refuses connections beyond 3'])
    for (const { socket } of open) socket.destroy()
    let status = 0
    while (status !== 200)
      status = await post(`${http}/Samples/Echo`).then(
        (answer) => answer.status,
        () => 0,
      )
  })

  it('answers its callers while 300 others send half a body', async () => {
    const { dispatcher, traffic } = stuckAndHealthy()
    const { http, httpPort } = await openDoors(dispatcher)
    const slow = await Promise.all(Array.from({ length: 300 }, () => rawConnection(httpPort)))
    for (const { socket } of slow) socket.write(stuckText(call('echo', ['x'.repeat(1000)])).slice(0, -900))
    await until(() => traffic.bytes > 10_000, 'their bodies have begun')
    const started = performance.now()
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(`${http}/Samples/Echo`)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(performance.now() - started).toBeLessThan(2000)
    // None of them takes a place among the calls inside: a caller who is done with sending gets it.
    expect(traffic.inside).toBe(0)
    for (const { socket } of slow) socket.destroy()
  })
})
