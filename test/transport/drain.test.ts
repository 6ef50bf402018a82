import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { call, dispatcherFor, echo, hostCredentials, openDoors, postText, rawConnection } from '../support/doors.ts'

/** A service that answers when it is told to. */
function heldBack(): { dispatcher: ReturnType<typeof dispatcherFor>; called: Promise<void>; answer: () => void } {
  let held = (): void => undefined
  let arrived = (): void => undefined
  const called = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const dispatcher = dispatcherFor((placeCall, done) => {
    if (placeCall.method === 'ping') {
      echo(placeCall, done)
      return
    }
    held = () => echo(placeCall, done)
    arrived()
  })
  return { dispatcher, called, answer: () => held() }
}

describe('doors that are shut', () => {
  it('let a call end, close its connection, and take nothing new', async () => {
    const { dispatcher, called, answer } = heldBack()
    const { doors, httpPort, log } = await openDoors(dispatcher, { drain: 10_000 })
    const connection = await rawConnection(httpPort)
    connection.socket.write(postText(call('echo')))
    await called
    const stopped = doors.stop()
    const refused = await new Promise((resolve) =>
      connect(httpPort, '127.0.0.1').once('error', resolve).once('connect', resolve),
    )
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
    answer()
    expect(await connection.until('"OK":true')).toMatch(/^Connection: close$/im)
    expect(await stopped).toEqual({ cut: 0 })
    expect(log.lines).toEqual([])
  })

  it('close connections without a request at once: idle, silent or in a handshake', async () => {
    const { doors, httpPort, httpsPort } = await openDoors(undefined, { drain: 60_000 })
    const agent = new Agent({ keepAlive: true })
    await new Promise((resolve) =>
      request({ port: httpPort, path: '/nothing', agent }, (response) => response.resume().once('end', resolve)).end(),
    )
    const { ca } = await hostCredentials()
    const secured = connectSecurely({ port: httpsPort, host: '127.0.0.1', servername: 'localhost', ca })
    await new Promise((resolve) => secured.once('secureConnect', resolve))
    const silent = (await rawConnection(httpPort)).socket
    const inHandshake = (await rawConnection(httpsPort)).socket
    const closed = [silent, inHandshake, secured].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve).on('error', () => undefined)),
    )
    const started = performance.now()
    expect(await doors.stop()).toEqual({ cut: 0 })
    await Promise.all(closed)
    expect(performance.now() - started).toBeLessThan(5000)
    agent.destroy()
  })

  it('close a connection that had begun a call before and asks again', async () => {
    const { dispatcher, called, answer } = heldBack()
    const { doors, httpPort } = await openDoors(dispatcher, { drain: 10_000 })
    const busy = await rawConnection(httpPort)
    busy.socket.write(postText(call('echo')))
    await called
    const other = await rawConnection(httpPort)
    // The beginning of the next request has arrived when the one before it, of the same packet, is answered.
    other.socket.write(postText(call('ping', ['one'])) + postText(call('ping', ['two'])).slice(0, 40))
    await other.until('one')
    const stopped = doors.stop()
    other.socket.write(postText(call('ping', ['two'])).slice(40))
    expect(await other.until('two')).toMatch(/^Connection: close$/im)
    answer()
    expect(await stopped).toEqual({ cut: 0 })
  })

  it('cut what is still busy when the time is over, and say how many', async () => {
    const { dispatcher, called } = heldBack()
    const { doors, httpPort, log } = await openDoors(dispatcher, { drain: 150 })
    const busy = await rawConnection(httpPort)
    busy.socket.write(postText(call('echo')))
    await called
    const closed = new Promise((resolve) => busy.socket.once('close', resolve))
    expect(await doors.stop()).toEqual({ cut: 1 })
    await closed
    expect(log.lines).toEqual(['warn connections cut because they were still busy when the doors had to close: 1'])
  })

  it('may be shut twice, and without having been opened', async () => {
    const { doors } = await openDoors()
    expect(await Promise.all([doors.stop(), doors.stop()])).toEqual([{ cut: 0 }, { cut: 0 }])
  })
})
