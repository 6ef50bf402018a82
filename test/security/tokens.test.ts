import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import { checkToken, type TokenIssuer } from '../../src/security/token/check-token.ts'
import { readJwks } from '../../src/security/token/jwks.ts'
import { groupIn, type Provider, providersIn, scopedGroupsIn } from '../../src/security/token/providers.ts'
import { tokenRefusals } from '../../src/security/token/reasons.ts'
import { TokenCallers } from '../../src/security/token/token-callers.ts'
import { defaultPace, ProviderWatch } from '../../src/security/watch-providers.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { encoded, testProvider } from '../support/tokens.ts'

const provider = testProvider()
const { issuer, jwks, publicKeys, token } = provider
const { keys } = readJwks(jwks)
const now = Date.now()
const second = Math.floor(now / 1000)

const issuers = (change: Partial<TokenIssuer> = {}): ReadonlyMap<string, TokenIssuer> =>
  new Map([[issuer, { name: 'idp', audiences: [], keys, ...change }]])
function reasonOf(text: string, change: Partial<TokenIssuer> = {}): string {
  const verdict = checkToken(text, issuers(change), now)
  return verdict.accepted ? 'accepted' : verdict.reason
}

describe('a token', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'])(
    'is taken with %s',
    (alg) => {
      expect(checkToken(token({ scope: 'a  g:users' }, { alg }), issuers(), now)).toEqual({
        accepted: true,
        subject: 'carol-1',
        scopes: ['a', 'g:users'],
        until: (second + 660) * 1000,
      })
    },
  )

  const [head = '', body = '', tail = ''] = token().split('.')
  const fewer = (text: string): string => text.slice(0, -1)
  it.each<[string, string, Partial<TokenIssuer>?]>([
    ['malformed', ''],
    ['malformed', 'x'],
    ['malformed', `${head}.${body}`],
    ['malformed', `${head}.${body}.`],
    ['malformed', `${head}.${body}.${tail}.`],
    ['malformed', `${head}.${body}.${tail}=`],
    ['malformed', `${head}.${body} .${tail}`],
    ['malformed', `${head}.${encoded([])}.${tail}`],
    ['malformed', `${encoded('x')}.${body}.${tail}`],
    ['malformed', `${Buffer.from('{"alg":"ES256","\xff":1}', 'latin1').toString('base64url')}.${body}.${tail}`],
    ['malformed', token({}, { kid: 7 })],
    ['too-long', token({ more: 'x'.repeat(8192) })],
    ['critical-header', token({}, { crit: ['b64'], b64: false })],
    ['critical-header', token({}, { crit: [] })],
    ['unknown-type', token({}, { typ: 'logout+jwt' })],
    ['unknown-type', token({}, { typ: 1 })],
    ['accepted', token({}, { typ: 'at+JWT' })],
    ['unknown-algorithm', token({}, { alg: 'none' })],
    ['unknown-algorithm', token({}, { alg: 'None' })],
    ['unknown-algorithm', token({}, { alg: ['ES256'] })],
    ['unknown-algorithm', token({}, { alg: 'ES512' })],
    ['unknown-algorithm', token({}, { alg: '__proto__' })],
    ['claims-malformed', token({ iss: undefined })],
    ['issuer-unknown', token({ iss: fewer(issuer) })],
    ['issuer-unknown', token({ iss: issuer.toUpperCase() })],
    ['key-unknown', token({}, { kid: 'other' })],
    ['key-unknown', token({}, { kid: 'RS' })],
    ['key-unknown', token({}, { kid: 'ES384' })],
    ['key-unknown', token(), { keys: [] }],
    ['key-unknown', token(), { keys: keys.map((one) => ({ ...one, algorithm: 'RS256' })) }],
    ['key-ambiguous', token(), { keys: [...keys, ...keys] }],
    ['accepted', token({}, { kid: undefined })],
    ['key-ambiguous', token({}, { kid: undefined }), { keys: [...keys, ...keys] }],
    ['bad-signature', `${head}.${encoded({ iss: issuer, sub: 'root', exp: second + 60 })}.${tail}`],
    ['bad-signature', `${head}.${body}.${tail.slice(4)}`],
    ['bad-signature', token({}, {}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['claims-malformed', token({ sub: undefined })],
    ['claims-malformed', token({ sub: '' })],
    ['claims-malformed', token({ sub: 7 })],
    ['claims-malformed', token({ exp: undefined })],
    ['claims-malformed', token({ exp: String(second + 600) })],
    ['claims-malformed', token({ exp: 1e300 })],
    ['claims-malformed', token({ nbf: 'soon' })],
    ['claims-malformed', token({ iat: -1 })],
    ['claims-malformed', token({ iat: second, nbf: undefined, exp: second })],
    ['claims-malformed', token({ scope: [1] })],
    ['claims-malformed', token({ aud: { a: 1 } })],
    ['bound-to-key', token({ cnf: { jkt: 'x' } })],
    ['expired', token({ iat: undefined, nbf: undefined, exp: second - 61 })],
    ['accepted', token({ iat: undefined, nbf: undefined, exp: second - 58 })],
    ['not-yet-valid', token({ nbf: second + 62 })],
    ['not-yet-valid', token({ iat: second + 62 })],
    ['accepted', token({ nbf: second + 58 })],
    ['wrong-audience', token(), { audiences: ['dhn'] }],
    ['wrong-audience', token({ aud: ['other', 'dh'] }), { audiences: ['dhn'] }],
    ['accepted', token({ aud: ['other', 'dhn'] }), { audiences: ['dhn'] }],
    ['accepted', token({ aud: 'dhn' }), { audiences: ['x', 'dhn'] }],
  ])('%s: %s', (reason, text, change) => {
    expect(reasonOf(text, change)).toBe(reason)
  })

  it('is not taken whose shared secret is the public key', () => {
    for (const key of publicKeys) {
      const pem = createPublicKey({ key: key as JsonWebKey, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
      const signed = `${encoded({ alg: 'HS256', kid: key.kid })}.${body}`
      const mac = createHmac('sha256', pem).update(signed).digest('base64url')
      expect(reasonOf(`${signed}.${mac}`)).toBe('unknown-algorithm')
    }
  })

  it('is refused when any character of it is another, and no text makes the check throw', () => {
    const text = token()
    const other = fc.constantFrom(...'AQgwBCDEz019-_.= ')
    fc.assert(
      fc.property(fc.nat(text.length - 1), other, (at, one) => {
        if (text[at] === one) return
        expect(reasonOf(text.slice(0, at) + one + text.slice(at + 1))).not.toBe('accepted')
      }),
      { numRuns: 200 },
    )
    const piece = fc.oneof(
      fc.string(),
      fc.json().map((one) => Buffer.from(one).toString('base64url')),
    )
    fc.assert(fc.property(fc.array(piece), (pieces) => reasonOf(pieces.join('.')) !== 'accepted'))
  })
})

describe('a set of keys', () => {
  it('has no secret, weak, or foreign keys', () => {
    const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
    const all = [
      { kty: 'oct', k: 'AAAA' },
      rsa(1024).publicKey.export({ format: 'jwk' }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' }),
      { ...publicKeys[1], use: 'enc' },
      { ...publicKeys[1], key_ops: ['sign'] },
      { ...publicKeys[1], alg: 'HS256' },
      { ...publicKeys[1], x: 'AAAA' },
      { ...publicKeys[0], e: 'AQ' },
      null,
    ]
    const read = readJwks(JSON.stringify({ keys: [...all, publicKeys[1]] }))
    // Two are meant for something else, which is nobody's mistake.
    expect(read.passedOver).toHaveLength(all.length - 2)
    expect(read.keys.map(({ id }) => id)).toEqual(['ES256'])
    for (const text of ['', '[]', '{"keys":{}}', JSON.stringify({ keys: Array(101).fill(publicKeys[1]) })])
      expect(() => readJwks(text)).toThrow(expect.objectContaining({ code: 'DHN_TOKEN_KEYS_UNREADABLE' }))
  })
})

describe('who shows a token', () => {
  const callers = new TokenCallers(issuers(), [
    ['pilots', ['compute.read', 'compute.create']],
    ['readers', ['compute.read']],
  ])
  const of = (claims: object) => callers.of(token({ ...claims }), now)

  it('is one caller for as long as it is good, under the name that DIRAC gives him', () => {
    const text = token({ scope: 'openid g:users g:admins' })
    const caller = callers.of(text, now)
    expect(caller).toMatchObject({
      name: { text: '/O=DIRAC/CN=carol-1' },
      group: 'users',
      rights: 'full',
      chain: undefined,
      token: { id: 'carol-1' },
    })
    expect(callers.of(text, now + 1000)).toBe(caller)
    expect(callers.of(text, now + 661_000)).toMatchObject({ reason: 'expired' })
    expect(new TokenCallers(issuers({ keys: [] }), []).of(text, now)).toMatchObject({ reason: 'key-unknown' })
  })

  it('acts in the group that his scopes mean', () => {
    expect(of({ scope: 'compute.read openid' })).toMatchObject({ group: 'readers' })
    expect(of({ scope: 'compute.create compute.read' })).toMatchObject({ group: 'pilots' })
    expect(of({ scope: ['x'] })).toMatchObject({ group: undefined })
    expect(of({ scope: undefined })).toMatchObject({ group: undefined })
    expect(of({ scope: 'g:hosts' })).toMatchObject({ reason: 'group-reserved' })
    expect(groupIn(['g:'], [])).toBeUndefined()
  })

  it('is nobody whose name could be read as another', () => {
    for (const sub of [
      'a/CN=root',
      'x+CN=y',
      'tail ',
      ' head',
      'a\\x2fCN=b',
      'a\u0000b',
      'a\u0002b',
      'é',
      'x'.repeat(256),
    ])
      expect(of({ sub }), sub).toMatchObject({ accepted: false, reason: 'subject-unusable' })
    for (const sub of ['auth0|12', 'a/b', 'me@x.org', 'a b', 'x'.repeat(255)])
      expect(of({ sub }), sub).toMatchObject({ name: { text: `/O=DIRAC/CN=${sub}` } })
  })
})

it('each reason for which a token is refused stands in docs/secure.md', () => {
  const page = readFileSync(new URL('../../docs/secure.md', import.meta.url), 'utf8')
  for (const [reason, { text }] of Object.entries(tokenRefusals))
    expect(page.replace(/ +\|/g, ' |')).toContain(`| \`${reason}\` | ${text} |`)
})

describe('identity providers', () => {
  it('are those of the configuration whose keys can be asked for safely', () => {
    const configuration = parseCfg(`Resources
{
  IdProviders
  {
    a
    {
      issuer = https://a.org/
      audience = x, y
    }
    b
    {
      issuer = https://b.org
      jwks_uri = https://b.org/keys
    }
    c
    {
      issuer = c
      jwks = etc/c.json
    }
    nothing
    {
      ProviderType = OAuth2
    }
    again
    {
      issuer = https://a.org/
    }
    plain
    {
      issuer = http://plain.org
    }
    away
    {
      issuer = d
      jwks = ../c.json
    }
  }
}
Registry
{
  Groups
  {
    pilots
    {
      IdPRole = one  two
    }
    users
    {
      Users = carol
    }
  }
}`)
    const { providers, problems } = providersIn(configuration, '/h')
    expect(providers).toEqual([
      {
        name: 'a',
        issuer: 'https://a.org/',
        audiences: ['x', 'y'],
        keys: { kind: 'metadata', url: 'https://a.org/.well-known/openid-configuration' },
      },
      { name: 'b', issuer: 'https://b.org', audiences: [], keys: { kind: 'keys', url: 'https://b.org/keys' } },
      { name: 'c', issuer: 'c', audiences: [], keys: { kind: 'file', file: '/h/etc/c.json' } },
    ])
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      '/Resources/IdProviders/again',
      '/Resources/IdProviders/plain',
      '/Resources/IdProviders/away',
    ])
    expect(scopedGroupsIn(configuration)).toEqual([['pilots', ['one', 'two']]])
  })

  const quick = { ...defaultPace, file: 5, retry: 5, least: 5 }
  function watch(fetch: (url: string) => Promise<string>, pace = quick) {
    const told: (string | undefined)[] = []
    const options = { fetch, changed: vi.fn(), told: (_: string, problem?: string) => void told.push(problem), pace }
    const watching = new ProviderWatch(options)
    onTestFinished(() => watching.stop())
    const count = (): number => watching.issuers.get(issuer)?.keys.length ?? -1
    return { watching, told, count, changed: options.changed }
  }
  const one = (source: Provider['keys']): Provider => ({ name: 'idp', issuer, audiences: [], keys: source })

  it('have the keys of their file as it is: the last good ones of one that is damaged, none of one that is gone', async () => {
    const file = join(temporaryFolder(), 'keys.json')
    writeFileSync(file, jwks)
    const { watching, told, count } = watch(() => Promise.reject(new Error('asked')))
    await watching.use([one({ kind: 'file', file })])
    expect(count()).toBe(4)
    writeFileSync(file, '{')
    await vi.waitFor(() => expect(told).toHaveLength(1))
    expect(count()).toBe(4)
    writeFileSync(file, JSON.stringify({ keys: publicKeys.slice(1) }))
    await vi.waitFor(() => expect(count()).toBe(3))
    rmSync(file)
    await vi.waitFor(() => expect(count()).toBe(0))
  })

  it('are asked for keys where their metadata says, again when one is missing, and lose them when they are too old', async () => {
    let answer: Record<string, string> = {
      'https://idp/meta': JSON.stringify({ issuer, jwks_uri: 'https://idp/keys' }),
      'https://idp/keys': JSON.stringify({ keys: publicKeys.slice(1) }),
    }
    const asked: string[] = []
    const fetch = async (url: string): Promise<string> => {
      asked.push(url)
      return answer[url] ?? Promise.reject(new Error('gone'))
    }
    const { watching, told, count } = watch(fetch, { ...quick, oldest: 100 })
    await watching.use([one({ kind: 'metadata', url: 'https://idp/meta' })])
    expect([count(), asked]).toEqual([3, ['https://idp/meta', 'https://idp/keys']])
    answer['https://idp/keys'] = jwks
    for (let more = 0; more < 10; more += 1) watching.ask('idp')
    await vi.waitFor(() => expect(count()).toBe(4))
    expect(asked).toHaveLength(4)
    answer = {}
    watching.ask('idp')
    await vi.waitFor(() => expect(told).toEqual(['gone']))
    expect(count()).toBe(4)
    await vi.waitFor(() => expect(count()).toBe(0))
    await watching.use([])
    expect(count()).toBe(-1)
  })

  it('are not believed to have their keys elsewhere than over HTTPS, or for another issuer', async () => {
    for (const metadata of [
      { issuer: 'https://evil', jwks_uri: 'https://idp/keys' },
      { issuer, jwks_uri: 'http://idp/keys' },
    ]) {
      const { watching, told, count } = watch(
        async (url) => (url.endsWith('meta') ? JSON.stringify(metadata) : jwks),
        defaultPace,
      )
      await watching.use([one({ kind: 'metadata', url: 'https://idp/meta' })])
      expect([count(), told.length]).toEqual([0, 1])
    }
  })
})
