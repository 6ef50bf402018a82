import { mkdirSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RefusalBook } from '../../src/container/refusal-book.ts'
import { Home } from '../../src/store/home.ts'
import { fetchKeys } from '../../src/transport/fetch-keys.ts'
import { dispatcherOf, json, newDoors, recordingLog, transportConfiguration } from '../support/doors.ts'
import { FakeNode } from '../support/fake-node.ts'
import { auditFor, authorizationFor, gatekeeperFor } from '../support/gatekeeper.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'
import { type PostAs, post } from '../support/post.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { testProvider } from '../support/tokens.ts'

const provider = testProvider()
const registry = `
Registry
{
  Users
  {
    carol
    {
      DN = /O=DIRAC/CN=carol-1
    }
  }
  Groups
  {
    users
    {
      Users = carol
      Properties = NormalUser
    }
    others
    {
      Properties = Administrator
    }
  }
}`
const withProvider = (keys: string): string => `${registry}
Resources
{
  IdProviders
  {
    idp
    {
      issuer = ${provider.issuer}
      audience = dhn
      ${keys}
    }
  }
}`

/** Doors before a service that answers what it was told of its caller. */
async function openDoors(cfg: string) {
  const ca = ownCa()
  const trustDirectory = temporaryFolder()
  ca.publish(trustDirectory)
  const home = new Home(temporaryFolder())
  mkdirSync(home.etc())
  writeFileSync(home.etc('jwks.json'), provider.jwks)
  const authorization = authorizationFor(home)
  const configure = (text: string): void => {
    writeFileSync(home.etc('dhn.cfg'), text)
    authorization.refresh()
  }
  configure(cfg)
  const audit = auditFor(home)
  const book = new RefusalBook(audit)
  const log = recordingLog()
  const dispatcher = dispatcherOf(
    {
      'Samples/Who': {
        methods: ['who'],
        answers: ({ told = '{}' }, done) => done(json({ OK: true, Value: JSON.parse(told).credentials ?? {} })),
      },
    },
    gatekeeperFor(authorization, log, book),
  )
  const configuration = await transportConfiguration({ drain: 100 })
  const callers = { ...configuration.callers, trustDirectory, home: home.root }
  const doors = newDoors({ ...configuration, callers }, dispatcher, log, new FakeNode(), authorization, audit)
  await doors.start()
  onTestFinished(async () => {
    await doors.stop()
  })
  const [https = '', http = ''] = doors.addresses
  const ask = async (as: PostAs, door = https) => {
    const { status, text, headers } = await post(`${door}/Samples/Who`, 'method=who', as)
    const { Value: value, Errno: errno } = JSON.parse(text) as { Value?: unknown; Errno?: number }
    return { status, value, errno, text, headers }
  }
  return { ca, https, http, ask, configure, book, log }
}
const bearer = (token: string): PostAs => ({ headers: { authorization: `Bearer ${token}` } })
const good = { aud: 'dhn', scope: 'openid g:users' }

describe('a bearer token', () => {
  it('says who calls, and nobody sees it', async () => {
    const { ask, log } = await openDoors(withProvider('jwks = etc/jwks.json'))
    const carol = {
      ID: 'carol-1',
      DN: '/O=DIRAC/CN=carol-1',
      properties: ['NormalUser'],
      group: 'users',
      username: 'carol',
    }
    const token = provider.token(good)
    for (let call = 0; call < 2; call += 1)
      expect(await ask(bearer(token))).toMatchObject({ status: 200, value: carol })
    expect(await ask(bearer(provider.token({ aud: 'dhn' })))).toMatchObject({ value: carol })
    // Groups are those of the registry, whatever a token says.
    expect(await ask(bearer(provider.token({ ...good, scope: 'g:others' })))).toMatchObject({
      value: { username: 'anonymous', group: 'visitor', properties: [] },
    })
    expect(await ask({})).toMatchObject({ status: 200, value: {} })
    expect(log.lines.filter((line) => !line.startsWith('info'))).toEqual([])
  })

  it('that is refused is 401, and the operator learns why without it', async () => {
    const { ask, book, http } = await openDoors(withProvider('jwks = etc/jwks.json'))
    const expired = provider.token({ ...good, iat: undefined, nbf: undefined, exp: 1000 })
    const { status, errno, text, headers } = await ask(bearer(expired))
    expect([status, errno, headers['www-authenticate']]).toEqual([401, 1111, 'Bearer error="invalid_token"'])
    expect(text).toContain('it has expired')
    const found = book.find(headers['x-request-id'] as string)
    expect(found).toMatchObject({
      code: 'DHN_TOKEN_REFUSED',
      credential: { certificates: [], failed: { check: 'token', reason: 'expired' } },
    })
    const reasonOf = async (as: PostAs, door?: string) => {
      const answer = await ask(as, door)
      const { credential, code } = book.find(answer.headers['x-request-id'] as string)
      return [answer.status, answer.errno, credential?.failed?.reason, code]
    }
    const token = provider.token(good)
    expect(await reasonOf(bearer(token), http)).toEqual([401, 1111, 'not-over-tls', 'DHN_TOKEN_REFUSED'])
    expect(await reasonOf(bearer('x'))).toEqual([401, 1151, 'malformed', 'DHN_TOKEN_UNREADABLE'])
    for (const authorization of ['', 'Bearer', `Bearer ${token} x`, `Bearer ${token},`, 'Basic YTpi', token])
      expect(await reasonOf({ headers: { authorization } })).toEqual([401, 1152, 'not-bearer', 'DHN_TOKEN_NOT_BEARER'])
    const twice = { headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] } }
    expect(await reasonOf(twice)).toEqual([401, 1151, 'not-one-header', 'DHN_TOKEN_UNREADABLE'])
    const foreign = await ask(bearer(provider.token({ ...good, iss: 'https://evil' })))
    expect(foreign.text).toContain('it can not be verified here')
    expect(JSON.stringify(book.last(100))).not.toContain(token.slice(0, 40))
    expect(JSON.stringify(book.last(100))).not.toContain(expired.slice(-20))
  })

  it('is not looked at beside a certificate, and helps nobody whose certificate is refused', async () => {
    const { ask, ca } = await openDoors(withProvider('jwks = etc/jwks.json'))
    const ada = { value: { DN: `${ca.base}/CN=Ada`, username: 'anonymous' } }
    for (const token of [provider.token(good), 'x'])
      expect(await ask({ ...bearer(token), credential: ca.user('Ada').text })).toMatchObject(ada)
    const foreign = ownCa('Other').user('Ada').text
    expect(await ask({ ...bearer(provider.token(good)), credential: foreign })).toMatchObject({
      status: 401,
      errno: 1111,
    })
  })

  it('says nothing where no provider is configured, or no more', async () => {
    const { ask, configure } = await openDoors(registry)
    expect(await ask(bearer('x'))).toMatchObject({ status: 200, value: {} })
    configure(withProvider('jwks = etc/jwks.json'))
    expect((await ask(bearer('x'))).status).toBe(401)
    const token = bearer(provider.token(good))
    await vi.waitFor(async () => expect((await ask(token)).status).toBe(200))
    configure(withProvider('jwks = etc/none.json'))
    expect((await ask(token)).status).toBe(401)
    configure(withProvider('jwks = ../jwks.json'))
    expect((await ask(token)).status).toBe(401)
    configure(registry)
    expect(await ask(token)).toMatchObject({ status: 200, value: {} })
  })

  it('opens no admin API', async () => {
    const administrators = 'DHN\n{\nSecurity\n{\nAdministrators = /O=DIRAC/CN=carol-1\n}\n}'
    const { https } = await openDoors(`${withProvider('jwks = etc/jwks.json')}\n${administrators}`)
    for (const token of [provider.token(good), 'x']) {
      const { status, text } = await post(`${https}/admin/v1/node`, undefined, bearer(token))
      expect([status, JSON.parse(text).code]).toEqual([401, 'DHN_UNAUTHENTICATED'])
    }
  })
})

describe('keys at an address', () => {
  async function serve(ca: OwnCa, answer: RequestListener): Promise<string> {
    const { certificatePem: cert, keyPem: key } = ca.host()
    const server = createServer({ cert, key }, answer)
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    onTestFinished(() => void server.close())
    return `https://localhost:${(server.address() as AddressInfo).port}`
  }

  it('are fetched from a server that is believed, within limits', async () => {
    const ca = ownCa()
    const directory = temporaryFolder()
    ca.publish(directory)
    const trust = { directory, webCAs: true }
    const address = await serve(ca, ({ url }, response) => {
      if (url === '/keys') response.end(provider.jwks)
      else if (url === '/away') response.writeHead(302, { location: '/keys' }).end()
      else response.end('x'.repeat(300_000))
    })
    expect(await fetchKeys(`${address}/keys`, trust)).toBe(provider.jwks)
    await expect(fetchKeys(`${address}/away`, trust)).rejects.toThrow('the server answered 302')
    await expect(fetchKeys(`${address}/long`, trust)).rejects.toThrow('longer than')
    const other = await serve(ownCa('Other'), (_, response) => response.end(provider.jwks))
    await expect(fetchKeys(`${other}/keys`, trust)).rejects.toThrow('its certificate is not trusted')
  })
})
