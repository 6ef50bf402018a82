import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HostCredentialsUnusable, HostKeyExposed, ListenRefused, PortInUse } from '../../src/transport/errors.ts'
import type { HttpDoors } from '../../src/transport/http-doors.ts'
import { dispatcherFor, hostCredentials, newDoors, openDoors, transportConfiguration } from '../support/doors.ts'

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { ca } = await hostCredentials()
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ...options })
    onTestFinished(() => void socket.destroy())
    socket.once('secureConnect', () => resolve(socket)).once('error', reject)
  })
}

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as { port: number }).port
}

const doorsWith = async (over: Parameters<typeof transportConfiguration>[1]): Promise<HttpDoors> =>
  newDoors(await transportConfiguration({}, over), dispatcherFor())

describe('doors that open', () => {
  it('tell their real ports, the secure one first', async () => {
    const { doors, httpsPort, httpPort } = await openDoors()
    expect(doors.addresses).toEqual([`https://localhost:${httpsPort}`, `http://localhost:${httpPort}`])
    expect(httpsPort).toBeGreaterThan(0)
  })

  it('have no plain HTTP unless it is wanted', async () => {
    const { doors } = await openDoors(undefined, {}, { nosec: { enabled: false, port: 0, addresses: ['127.0.0.1'] } })
    expect(doors.addresses).toHaveLength(1)
  })

  it('listen at every address of the machine when none is named', async () => {
    const { httpsPort } = await openDoors(undefined, {}, { addresses: [] })
    await handshake(httpsPort)
  })

  it('listen at the loopback addresses of both kinds, on one port', async () => {
    const { http } = await openDoors(
      undefined,
      {},
      { nosec: { enabled: true, port: 0, addresses: ['127.0.0.1', '::1'] } },
    )
    expect((await fetch(http.replace('localhost', '127.0.0.1'))).status).toBe(404)
  })

  it('write an IPv6 host in brackets', async () => {
    const { doors, httpsPort } = await openDoors(undefined, {}, { host: '::1' })
    expect(doors.addresses[0]).toBe(`https://[::1]:${httpsPort}`)
  })

  it('warn of a certificate that has expired', async () => {
    const { makeThrowAwayCredentials } = await import('../../src/security/throw-away-ca.ts')
    const old = await makeThrowAwayCredentials('localhost', { days: 1, now: new Date('2020-02-02') })
    const { certificateFile, keyFile } = await hostCredentials()
    await writeFile(certificateFile, old.certificate)
    await writeFile(keyFile, old.key)
    const { log } = await openDoors(
      undefined,
      {},
      { tls: { certificateFile, keyFile, minimumVersion: 'TLSv1.2', handshakeTimeout: 1000 } },
    )
    expect(log.lines).toEqual(['warn the host certificate expired on 2020-02-03T00:00:00.000Z'])
  })
})

describe('TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s is spoken', async (version) => {
    const { httpsPort } = await openDoors()
    const socket = await handshake(httpsPort, { minVersion: version, maxVersion: version })
    expect([socket.getProtocol(), socket.authorized]).toEqual([version, true])
  })

  it('1.1 is not', async () => {
    const { httpsPort } = await openDoors()
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const
    await expect(handshake(httpsPort, old)).rejects.toMatchObject({ code: expect.stringMatching(/PROTOCOL|ALERT/) })
  })

  it('1.2 is not, where the configuration says so', async () => {
    const { certificateFile, keyFile } = await hostCredentials()
    const tls = { certificateFile, keyFile, minimumVersion: 'TLSv1.3', handshakeTimeout: 1000 } as const
    const { httpsPort } = await openDoors(undefined, {}, { tls })
    await expect(handshake(httpsPort, { maxVersion: 'TLSv1.2' })).rejects.toMatchObject({ code: /./ })
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('sessions of %s are never resumed', async (version) => {
    const { httpsPort } = await openDoors()
    const first = await handshake(httpsPort, { maxVersion: version })
    const sessions: Buffer[] = []
    first.on('session', (session) => sessions.push(session))
    const ended = new Promise((resolve) => first.once('close', resolve))
    first.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    first.resume()
    await ended
    const session = sessions.at(-1) ?? first.getSession()
    const second = await handshake(httpsPort, { maxVersion: version, ...(session === undefined ? {} : { session }) })
    expect(second.isSessionReused()).toBe(false)
  })

  it('a handshake that is not finished is cut', async () => {
    const { certificateFile, keyFile } = await hostCredentials()
    const tls = { certificateFile, keyFile, minimumVersion: 'TLSv1.2', handshakeTimeout: 100 } as const
    const { httpsPort } = await openDoors(undefined, {}, { tls })
    const { rawConnection } = await import('../support/doors.ts')
    const { socket } = await rawConnection(httpsPort)
    await new Promise((resolve) => socket.once('close', resolve))
  })
})

describe('doors that can not open', () => {
  it('say that the port is in use, and leave none open', async () => {
    const port = await takenPort()
    const doors = await doorsWith({ nosec: { enabled: true, port, addresses: ['127.0.0.1'] } })
    await expect(doors.start()).rejects.toThrow(PortInUse)
    await expect(doors.start()).rejects.toMatchObject({
      code: 'DHN_PORT_IN_USE',
      port,
      next: 'stop what listens there, or choose another port with /DHN/Nosec/Port in etc/dhn.cfg',
    })
  })

  it('say that the address is not one of this machine', async () => {
    await expect((await doorsWith({ addresses: ['192.0.2.1'] })).start()).rejects.toThrow(ListenRefused)
  })

  it('say what is wrong with certificate and key', async () => {
    const { certificateFile, keyFile } = await hostCredentials()
    const start = async (): Promise<void> =>
      (
        await doorsWith({ tls: { certificateFile, keyFile, minimumVersion: 'TLSv1.2', handshakeTimeout: 1000 } })
      ).start()
    const certificate = await readFile(certificateFile)
    await writeFile(certificateFile, 'not PEM')
    await expect(start()).rejects.toThrow(HostCredentialsUnusable)
    await writeFile(certificateFile, certificate)
    await chmod(keyFile, 0o640)
    await expect(start()).rejects.toThrow(HostKeyExposed)
    await chmod(keyFile, 0o600)
    const { makeThrowAwayCredentials } = await import('../../src/security/throw-away-ca.ts')
    await writeFile(keyFile, (await makeThrowAwayCredentials('localhost')).key)
    await expect(start()).rejects.toThrow(`it isn't the key of ${certificateFile}`)
    await rm(keyFile)
    await expect(start()).rejects.toMatchObject({ file: keyFile })
  })
})
