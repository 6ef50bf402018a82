import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { AuditLine } from '../../src/audit/audit-entry.ts'
import type { RefusalView } from '../../src/container/refusal-book.ts'
import { type CallAs, type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import { commandLine } from '../support/command-line.ts'
import { call, postText } from '../support/doors.ts'
import { type GridPki, gridPki } from '../support/grid-pki.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'

const people = '/DC=test/DC=grid/OU=People'
const registry = (own: string): string =>
  `
Registry
{
  DefaultGroup = users
  Users
  {
${user('alice', `${people}/CN=Alice Example`)}
${user('bob', `${people}/CN=Bob Example`)}
${user('carol', `${own}/CN=Carol`)}
${user('mallory', `${own}/CN=Mallory`)}
  }
  Groups
  {
    users
    {
      Users = alice, bob, carol, mallory
      Properties = NormalUser
    }
    admins
    {
      Users = alice
      Properties = ServiceAdministrator
    }
  }
  Hosts
  {
${user('grid', '/DC=test/DC=grid/OU=Hosts/CN=dhn.test.grid')}
  }
}`.replace('CN=dhn.test.grid\n', 'CN=dhn.test.grid\nProperties = TrustedHost\n')
const user = (name: string, dn: string): string => `${name}\n{\nDN = ${dn}\n}`

const body = `
  auth_open = ['all']
  export_open() { return S_OK(this.getRemoteCredentials()) }
  auth_admin = ['ServiceAdministrator']
  async export_admin() { await null; return S_OK(this.getRemoteCredentials().username) }
  auth_admins = ['all', 'group:admins']
  export_admins() { return S_OK(1) }
  export_unruled() { return S_OK(1) }
  auth_slowWho = ['authenticated']
  async export_slowWho() {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return S_OK(this.getRemoteCredentials().username)
  }
`

const guarded = '/Samples/Guarded'
const open = '/Samples/Open'

let pki: GridPki
let own: OwnCa
let node: NodeWithCallers

const key = (file: string): string => pki.text(`keys/${file}.pem`)
const alice = (): string => pki.text('users/alice.pem') + key('alice')
const bob = (): string => pki.text('users/bob.pem') + key('bob')
const host = (): string => pki.text('host/hostcert.pem') + pki.text('host/hostkey.pem')
const status = async (method: string, credential?: string, path = guarded): Promise<number> =>
  (await node.call(path, method, credential === undefined ? {} : { credential })).status
const who = async (as: CallAs, path = guarded): Promise<unknown> =>
  ((await node.call(path, 'whoami', as)).value as { username?: string } | undefined)?.username

/** One connection for all its calls. */
function connection(credential: string): CallAs {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, cert: credential, key: credential })
  onTestFinished(() => agent.destroy())
  return { agent }
}

beforeAll(async () => {
  pki = await gridPki()
  own = ownCa()
  node = await nodeWithCallers(pki.path('certificates'), own, registry(own.base))
  expect(await node.deploy({ service: 'Samples/Guarded', body }, 'secure')).toMatchObject({ outcome: 'done' })
  expect(await node.deploy({ service: 'Samples/Open', body }, 'open')).toMatchObject({ outcome: 'done' })
  return () => node.stop()
}, 120_000)

describe('callers of a secure service', () => {
  it('without a certificate are let in by rules for everybody, and by no others', async () => {
    const answers = ['ping', 'open', 'whoami', 'admin', 'admins', 'unruled', 'nonsense'].map((one) => status(one))
    expect(await Promise.all(answers)).toEqual([200, 200, 401, 401, 401, 401, 501])
    expect(await node.call(guarded, 'whoami')).toMatchObject({
      status: 401,
      value: undefined,
      message: 'Unauthorized query',
    })
  })

  it('have the rights of their group', async () => {
    for (const [credential, ...expected] of [
      [alice(), 200, 401, 401],
      [bob(), 200, 401, 401],
      [own.proxy('admins', alice()), 200, 200, 200],
      [own.proxy('admins', bob()), 401, 401, 401],
      [pki.text('users/slash-trick.pem') + key('bob'), 401, 401, 401],
    ] as const) {
      const answers = [status('whoami', credential), status('admin', credential), status('admins', credential)]
      expect(await Promise.all(answers)).toEqual(expected)
    }
    expect(await status('unruled', own.proxy('admins', alice()))).toBe(401)
  })

  it.each([
    ['proxies/rfc-full.pem', 200],
    ['proxies/rfc-of-rfc.pem', 200],
    ['proxies/rfc-depth10.pem', 200],
    ['proxies/rfc-ec.pem', 401],
    ['proxies/rfc-limited.pem', 200],
    ['proxies/rfc-full-of-limited.pem', 401],
    ['proxies/rfc-independent.pem', 401],
    ['proxies/legacy-full.pem', 401],
    ['proxies/draft-full.pem', 401],
    ['bad/proxy-expired.pem', 401],
    ['bad/proxy-of-revoked.pem', 401],
    ['bad/proxy-wrongkey.pem', 401],
    ['bad/proxy-name-other.pem', 401],
    ['bad/proxy-outside-namespace.pem', 401],
  ])('with %s get %i', async (file, expected) => {
    expect(await status('whoami', pki.text(file))).toBe(expected)
  })

  it('learn what a service learns of them: DIRAC’s credential dictionary', async () => {
    const limited = await node.call(guarded, 'whoami', { credential: pki.text('proxies/rfc-limited.pem') })
    expect(Object.entries(limited.value as object)).toEqual([
      ['subject', expect.stringMatching(`^${people}/CN=Alice Example/CN=`)],
      ['issuer', `${people}/CN=Alice Example`],
      ['secondsLeft', expect.any(Number)],
      ['isProxy', true],
      ['isLimitedProxy', true],
      ['validDN', false],
      ['validGroup', false],
      ['DN', `${people}/CN=Alice Example`],
      ['identity', `${people}/CN=Alice Example`],
      ['group', 'users'],
      ['VO', ''],
      ['properties', ['NormalUser']],
      ['username', 'alice'],
    ])
    const ofHost = await node.call(guarded, 'whoami', { credential: host(), extraCredentials: 'hosts' })
    expect(ofHost.value).toMatchObject({ extraCredentials: 'hosts', group: 'hosts', username: 'grid', isProxy: false })
    expect((await node.call(guarded, 'open')).value).toEqual({ properties: [] })
  })

  it('bring what VOMS servers say of them, when that is checked, and never fail by it', async () => {
    const carol = own.user('Carol').text
    const fqans = ['/test.vo/prod/Role=manager/Capability=NULL', '/test.vo/Role=NULL/Capability=NULL']
    const whoami = async (wishes = {}): Promise<unknown> =>
      (await node.call(guarded, 'whoami', { credential: own.vomsProxy(carol, { fqans, ...wishes }) })).value
    expect(await whoami({ generic: { dl: '/diligent/devsec/DL1' } })).toMatchObject({
      username: 'carol',
      FQANs: ['/test.vo/prod/Role=manager', '/test.vo'],
      VOMSAttributes: [{ name: 'dl', value: '/diligent/devsec/DL1', qualifier: 'test.vo', VO: 'test.vo' }],
    })
    for (const wishes of [{ vo: 'other.vo' }, { notAfter: Date.now() - 1000 }, { holderSerial: Buffer.from([7]) }]) {
      const answer = await whoami(wishes)
      expect(answer).toMatchObject({ username: 'carol', isProxy: true })
      expect(answer).not.toHaveProperty('FQANs')
    }
    expect(node.log()).toContainEqual(
      expect.objectContaining({ msg: 'the VOMS attributes of a caller were refused', reason: 'no-lsc-for-vo' }),
    )
  })

  it('lose attributes that end while they are connected, and stay who they are', async () => {
    const kept = connection(own.vomsProxy(own.user('Carol').text, { notAfter: Date.now() + 3000 }))
    const whoami = async (): Promise<unknown> => (await node.call(guarded, 'whoami', kept)).value
    expect(await whoami()).toHaveProperty('FQANs', ['/test.vo'])
    await expect.poll(whoami, { timeout: 8000 }).not.toHaveProperty('FQANs')
    expect(await whoami()).toMatchObject({ username: 'carol' })
  })

  it('are kept apart when their calls run side by side in one object', async () => {
    const [one, other] = [own.proxy('admins', alice()), own.user('Carol').text]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => node.call(guarded, 'slowWho', { credential: index % 2 ? one : other })),
    )
    expect(answers.map(({ value }) => value)).toEqual(answers.map((_, index) => (index % 2 ? 'alice' : 'carol')))
  })

  it('may ask for a group of theirs, and a trusted host may speak for others', async () => {
    const admin = async (credential: string, extraCredentials: unknown): Promise<number> =>
      (await node.call(guarded, 'admin', { credential, extraCredentials })).status
    expect(await admin(alice(), 'admins')).toBe(200)
    expect(await admin(bob(), 'admins')).toBe(401)
    const forAlice = [`${people}/CN=Alice Example`, 'admins']
    expect(await admin(host(), forAlice)).toBe(200)
    expect(await admin(bob(), forAlice)).toBe(401)
    expect(await admin(alice(), { group: 'admins' })).toBe(401)
    expect(await who({ credential: host(), extraCredentials: forAlice })).toBe('alice')
  })

  it('are not believed what they write into headers', async () => {
    const chain = encodeURIComponent(pki.text('users/alice.pem'))
    const name = `${people}/CN=Alice Example`
    const headers = Object.fromEntries([
      ...['x-ssl-cert', 'x-ssl-client-cert', 'ssl-client-cert', 'x-client-cert', 'x-forwarded-client-cert'].map(
        (header) => [header, chain],
      ),
      ...['x-forwarded-tls-client-cert', 'x-arr-clientcert', 'client-cert', 'client-cert-chain', 'cert'].map(
        (header) => [header, chain],
      ),
      ...['x-ssl-client-s-dn', 'x-ssl-client-dn', 'ssl_client_s_dn', 'x-client-dn', 'x-remote-user', 'remote-user'].map(
        (header) => [header, name],
      ),
      ...['x-forwarded-user', 'x-forwarded-dn', 'x-real-user', 'from', 'x-user-dn'].map((header) => [header, name]),
      ...['x-ssl-client-verify', 'x-ssl_client_verify', 'ssl-client-verify', 'x-client-verify'].map((header) => [
        header,
        'SUCCESS',
      ]),
    ]) as Record<string, string>
    expect(Object.keys(headers).length).toBeGreaterThan(21)
    expect(await node.call(guarded, 'whoami', { headers })).toMatchObject({ status: 401 })
    expect(await who({ credential: bob(), headers })).toBe('bob')
  })

  it('can be curl with a proxy, and DIRAC’s method in the query', async () => {
    const proxy = pki.path('proxies/rfc-full.pem')
    const address = `${node.https}${guarded}?method=whoami`
    const words = ['-sk', '--cert', proxy, '--key', proxy, '-d', 'args=[]', address]
    const { stdout } = await promisify(execFile)('curl', words)
    expect(JSON.parse(stdout)).toMatchObject({ OK: true, Value: { username: 'alice', isProxy: true } })
  })

  it('that are refused stand in the log with rule and reason, never as what they claimed', async () => {
    await node.call(guarded, 'admin', { credential: bob() })
    const refusals = node.log().filter(({ msg }) => msg === 'a call was refused')
    expect(refusals).toContainEqual(
      expect.objectContaining({
        service: 'Samples/Guarded',
        method: 'admin',
        step: 'property',
        rule: 'ServiceAdministrator',
        place: { kind: 'service', where: 'auth_admin of test.Service' },
        credentials: expect.objectContaining({ DN: `${people}/CN=Bob Example`, username: 'bob' }),
      }),
    )
  })
})

describe('the operator', () => {
  it('sees which methods nobody has a rule for, and what ends first', () => {
    const { node: hosting } = node.composed
    const instances = hosting?.instances(false) ?? []
    expect(instances.find(({ garId }) => garId === 'samples_guarded')?.withoutRule).toEqual([
      ...['version', 'slow', 'crash', 'state', 'unruled'].map((method) => `Samples/Guarded.${method}`),
    ])
    expect(instances.find(({ garId }) => garId === 'samples_open')?.withoutRule).toBeUndefined()
    expect(hosting?.view().expires).toMatchObject({ what: 'revocation list' })
  })
})

describe('the operator who is asked why', () => {
  const explained = async (as: CallAs, method = 'admin'): Promise<RefusalView> => {
    const { request = 'none' } = await node.call(guarded, method, as)
    const { stdout } = await commandLine(['explain', request.slice(0, 12), '--json'], { home: node.home })
    return JSON.parse(stdout) as RefusalView
  }

  it('finds the rule, where it stands, and the question that was failed', async () => {
    expect(await explained({ credential: own.proxy('users', bob()) })).toMatchObject({
      what: 'Samples/Guarded.admin',
      code: 'DHN_NOT_AUTHORIZED',
      who: { via: 'https', dn: `${people}/CN=Bob Example`, username: 'bob', group: 'users' },
      credential: { certificates: [{}, { subject: `${people}/CN=Bob Example` }, {}, {}], accepted: { proxy: true } },
      rule: { text: 'ServiceAdministrator', place: { where: 'auth_admin of test.Service' }, step: 'property' },
      next: expect.stringContaining('properties'),
    })
    expect(await explained({}, 'unruled')).toMatchObject({ who: { via: 'https' }, rule: { step: 'no-rule' } })
  })

  it('finds which certificate failed which check, and nobody is taken for whom he claims to be', async () => {
    const mallory = own.user('Mallory')
    own.revoke(node.trust, mallory.serial)
    await vi.waitFor(async () => expect(await status('open', mallory.text)).toBe(401), { timeout: 5000 })
    expect(await explained({ credential: mallory.text })).toMatchObject({
      code: 'DHN_CERTIFICATE_REFUSED',
      who: { claimed: `${own.base}/CN=Mallory` },
      credential: { failed: { reason: 'revoked', check: 'revocation', index: 0 } },
    })
  })

  it('has the refusals in the audit log, and no word of who was let in', async () => {
    const said = await node.call(guarded, 'whoami', { credential: alice() })
    expect([said.status, said.request]).toEqual([200, undefined])
    const { stdout } = await commandLine(['audit', '--json', '--what', 'Guarded.admin'], { home: node.home })
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditLine)
    expect(new Set(lines.map(({ outcome }) => outcome))).toEqual(new Set(['refused']))
    expect(lines).toContainEqual(expect.objectContaining({ who: { via: 'https', claimed: `${own.base}/CN=Mallory` } }))
    expect((await commandLine(['audit', 'verify'], { home: node.home })).code).toBe(0)
  })
})

describe('callers of an open service', () => {
  it('are all let in, and known when they show who they are', async () => {
    expect(await node.call(open, 'unruled')).toMatchObject({ status: 200 })
    expect(await node.call(open, 'whoami')).toMatchObject({ status: 200, value: {} })
    expect(await who({ credential: alice() }, open)).toBe('alice')
    expect(await status('admin', bob(), open)).toBe(200)
    const plain = await fetch(`${node.http}${open}`, { method: 'POST', body: new URLSearchParams(call('admin')) })
    expect(plain.status).toBe(200)
  })

  it('are refused with a certificate that is refused, and told why as far as it is theirs to know', async () => {
    const revoked = pki.text('users/revoked.pem') + key('bob')
    expect(await node.call(open, 'ping', { credential: revoked })).toMatchObject({
      status: 401,
      value: undefined,
      message: 'Unauthorized query: the client certificate is refused: it is revoked',
    })
    expect(node.log()).toContainEqual(
      expect.objectContaining({
        msg: 'the certificate of a caller was refused',
        reason: 'revoked',
        why: expect.stringContaining('/CN=Revoked User'),
      }),
    )
  })
})

describe('over plain HTTP', () => {
  it('nobody is known, whatever he says', async () => {
    const ask = async (method: string): Promise<number> =>
      (await fetch(`${node.http}${guarded}`, { method: 'POST', body: new URLSearchParams(call(method)) })).status
    expect([await ask('ping'), await ask('whoami'), await ask('admin')]).toEqual([200, 401, 401])
  })
})

describe('while the node serves', () => {
  it('a caller who is revoked is cut off, and his next connection refused', async () => {
    const { text, serial } = own.user('Mallory')
    const kept = connection(text)
    expect(await who(kept)).toBe('mallory')
    const before = await node.call(guarded, 'whoami', kept)
    expect(before.status).toBe(200)
    own.revoke(node.trust, serial)
    await expect
      .poll(async () => (await node.call(guarded, 'whoami', kept).catch(() => ({ status: 0 }))).status)
      .not.toBe(200)
    const after = await node.call(guarded, 'whoami', { credential: text })
    expect(after).toMatchObject({ status: 401, message: expect.stringMatching('revoked$') })
    expect(await who({ credential: own.user('Carol').text })).toBe('carol')
  })

  it('a caller whose chain ends is cut off on the connection that he has', async () => {
    const kept = connection(own.user('Carol', 2000).text)
    expect(await who(kept)).toBe('carol')
    await expect
      .poll(() => node.call(guarded, 'whoami', kept), { timeout: 5000 })
      .toMatchObject({
        status: 401,
        message: expect.stringMatching('expired$'),
      })
  })

  it('a CA may come, and a list that is half written changes nothing', async () => {
    const next = ownCa('Next')
    const dave = next.user('Dave').text
    const refused = await node.call(guarded, 'open', { credential: dave })
    expect(refused).toMatchObject({ status: 401, message: expect.stringMatching('no') })
    next.publish(node.trust)
    await expect.poll(() => status('open', dave)).toBe(200)
    next.halfWrite(node.trust)
    await expect
      .poll(() =>
        node
          .log()
          .filter(({ msg }) => msg === 'the trust directory has changed')
          .at(-1),
      )
      .toMatchObject({
        problems: expect.arrayContaining([expect.stringContaining('.r0')]),
      })
    expect(await status('open', dave)).toBe(200)
  })

  it('rules and registry may change', async () => {
    const carol = { credential: own.user('Carol').text }
    expect(await node.call(guarded, 'admin', carol)).toMatchObject({ status: 401 })
    const promoted = registry(own.base).replace(
      'Properties = NormalUser',
      'Properties = NormalUser, ServiceAdministrator',
    )
    node.configure(
      `${promoted}\nSystems\n{\nSamples\n{\nServices\n{\nGuarded\n{\nAuthorization\n{\nunruled = authenticated\n}\n}\n}\n}\n}`,
    )
    await expect.poll(async () => (await node.call(guarded, 'admin', carol)).status, { timeout: 8000 }).toBe(200)
    expect(await node.call(guarded, 'unruled', carol)).toMatchObject({ status: 200 })
    node.configure('Registry {')
    await expect.poll(() => node.log().at(-1)?.msg, { timeout: 8000 }).toMatch(/^the configuration can not be read/)
    expect(await node.call(guarded, 'admin', carol)).toMatchObject({ status: 200 })
    node.configure(registry(own.base))
    await expect.poll(async () => (await node.call(guarded, 'admin', carol)).status, { timeout: 8000 }).toBe(401)
  })

  it('the host certificate may be another, once both of its files are whole', async () => {
    const files = ['hostcert.pem', 'hostkey.pem'].map((name) => join(node.home, 'etc/grid-security', name))
    const shown = async (): Promise<string> => {
      const socket = await tls()
      return socket.getPeerX509Certificate()?.subject ?? ''
    }
    const first = await shown()
    const next = own.host()
    writeFileSync(files[0] as string, next.certificatePem)
    await expect.poll(() => node.log().at(-1)?.msg).toMatch(/^the new host certificate can not be used/)
    expect(await shown()).toBe(first)
    writeFileSync(files[1] as string, next.keyPem, { mode: 0o600 })
    await expect.poll(shown).not.toBe(first)
    expect(await who({ credential: alice() })).toBe('alice')
    expect((await tls()).isSessionReused()).toBe(false)
  })
})

describe('a session', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'of %s is never resumed, with another credential or none',
    async (version) => {
      const limits = { minVersion: version, maxVersion: version }
      const first = await tls({ ...limits, cert: alice(), key: alice() })
      expect(await answerOn(first)).toMatch('"username":"alice"')
      const session = first.getSession()
      for (const [credential, expected] of [
        [bob(), '"username":"bob"'],
        [undefined, 'HTTP/1.1 401'],
      ] as const) {
        const again = await tls({
          ...limits,
          ...(credential && { cert: credential, key: credential }),
          ...(session && { session }),
        })
        expect(again.isSessionReused()).toBe(false)
        expect(await answerOn(again)).toMatch(expected)
      }
    },
  )
})

describe('a security descriptor', () => {
  const descriptor = (method: string): string =>
    `<securityConfig xmlns="http://www.globus.org"><methods><method name="${method}"><auth-method><none/></auth-method></method></methods>
     <auth-method><GSITransport><protection-level><privacy/></protection-level></GSITransport></auth-method><authz value="gridmap"/></securityConfig>`
  const described = (method: string) => ({
    service: 'Samples/Described',
    body,
    wsdd: { securityDescriptor: '@config.dir@/security.xml' },
    files: { 'etc/security.xml': descriptor(method) },
  })

  it('holds besides DIRAC’s rules: the grid-map decides, and may change', async () => {
    expect(await node.deploy(described('ping'), 'secure')).toMatchObject({ outcome: 'done' })
    const path = '/Samples/Described'
    expect(await status('unruled', alice(), path)).toBe(401)
    writeFileSync(join(node.home, 'etc/grid-security/grid-mapfile'), `"${people}/CN=Alice Example" alice\n`)
    await expect.poll(() => status('unruled', alice(), path), { timeout: 8000 }).toBe(200)
    expect(await status('unruled', bob(), path)).toBe(401)
    expect(await status('admin', alice(), path)).toBe(401)
    expect(await status('ping', undefined, path)).toBe(200)
    expect(await status('open', undefined, path)).toBe(401)
  })

  it('that names a method which its service hasn’t refuses the deployment', async () => {
    const report = await node.deploy({ ...described('nonsense'), service: 'Samples/Misdescribed' }, 'secure')
    expect(report).toMatchObject({ outcome: 'failed', cause: { code: 'DHN_SECURITY_METHOD_UNKNOWN' } })
  })
})

async function tls(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    port: Number(new URL(node.https).port),
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...options,
  })
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket
}

function answerOn(socket: TLSSocket): Promise<string> {
  socket.setEncoding('utf8')
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.includes('}')) resolve(text)
    })
    socket.write(postText(call('whoami'), [], guarded))
  })
}
