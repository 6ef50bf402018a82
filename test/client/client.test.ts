import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseCfg } from '../../src/cfg/parse-cfg.ts'
import {
  Client,
  type ClientOptions,
  ConfigurationClient,
  executeRPCStub,
  Float,
  PlainDate,
  type RpcStub,
  strToIntDict,
} from '../../src/client/index.ts'
import { type Answer, type GridServer, gridServer, nobody, ok } from '../support/grid-server.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'
import { temporaryFolder } from '../support/temporary.ts'

const ca: OwnCa = ownCa('Grid')
let trust: string
let alice: string

beforeAll(() => {
  trust = temporaryFolder()
  ca.publish(trust)
  alice = join(temporaryFolder(), 'alice.proxy')
  writeFileSync(alice, ca.proxy('dirac_user', ca.user('Alice').text), { mode: 0o600 })
})

/** Nothing of the tester's own environment, and the CA of these tests. */
const here = (environment: Record<string, string> = {}): ClientOptions => ({
  surroundings: { environment: { X509_CERT_DIR: trust, ...environment }, uid: process.getuid?.(), root: '/nowhere' },
})
const server = (answer: Answer): Promise<GridServer> => gridServer(answer, ca.host())
const urls = (...addresses: string[]) =>
  parseCfg(`Systems\n{\nTest\n{\nURLs\n{\nSome = ${addresses.join(', ')}\n}\n}\n}`)

describe('a call', () => {
  it('is the form that DIRAC clients send, on a connection that is kept', async () => {
    const { url, calls, connections } = await server(ok('5'))
    const client = new Client(`${url}/Test/Some`, { ...here(), VO: 'example', extraCredentials: 'dirac_admin' })
    expect(await client.call('add', [2, new Float(3), 'ä'])).toEqual({ OK: true, Value: 5 })
    await client.call('add')
    expect([...(calls[0]?.form ?? [])]).toEqual([
      ['method', 'add'],
      ['args', '[2, 3.0, "\\u00e4"]'],
      ['extraCredentials', '"dirac_admin"'],
      ['clientVO', 'example'],
      ['clientSetup', 'None'],
    ])
    expect(calls[0]).toMatchObject({ path: '/Test/Some', headers: { 'accept-encoding': 'gzip, deflate' } })
    expect([calls[1]?.form.get('args'), connections()]).toEqual(['[]', 1])
  })

  it('reads what DIRAC sends, compressed as well', async () => {
    const text =
      '{"OK": true, "Value": {"when": {"__dCls": "dt", "obj": "2026-11-22 10:30:15"}, "big": 12345678901234567890, ' +
      '"day": {"__dCls": "date", "obj": "2026-11-22"}, "bytes": {"__dCls": "b64", "obj": "AP8="}, "one": 1.0}}'
    const { url } = await server((_, response) => response.setHeader('Content-Encoding', 'gzip').end(gzipSync(text)))
    const answer = await new Client(`${url}/Test/Some`, here()).call('values')
    expect(answer).toEqual({
      OK: true,
      Value: {
        when: new Date('2026-11-22T10:30:15Z'),
        big: 12345678901234567890n,
        day: new PlainDate(2026, 11, 22),
        bytes: Buffer.from([0, 255]),
        one: new Float(1),
      },
    })
  })

  it.each([
    [501, '', { Errno: 38, Message: 'Function not implemented ( 38 : m is not implemented)' }],
    [401, '', { Errno: 13, Message: expect.stringContaining('Permission denied ( 13 : No access to https://') }],
    [401, '{"OK": false, "Errno": 1111, "Message": "why"}', { Errno: 13, Message: expect.stringContaining(': why)') }],
    [404, '<html>', { Errno: 0, Message: expect.stringMatching(/^404 Client Error: .* is not found$/) }],
    [500, 'page', { Errno: 0, Message: expect.stringMatching(/^500 Server Error: .*: page$/) }],
    [503, '{"OK": false, "Errno": 0, "Message": "it is disabled"}', { Errno: 0, Message: 'it is disabled' }],
    [200, '[1]', { Errno: 0, Message: expect.stringContaining('something else than S_OK') }],
    [200, '{', { Errno: 0, Message: expect.stringContaining("can't be read") }],
    [200, '{"OK": false, "Errno": 2, "Message": "no file"}', { Errno: 2, Message: 'no file' }],
  ])('answered with %i %s is the S_ERROR of DIRAC clients', async (status, body, expected) => {
    const { url } = await server((_, response) => response.writeHead(status).end(body))
    expect(await new Client(`${url}/Test/Some`, here()).call('m')).toEqual({
      OK: false,
      ...(status === 200 ? {} : { Status: status }),
      ...expected,
    })
  })

  it('can be made again, by what its answer knows of it', async () => {
    const { url, calls } = await server(ok('5'))
    const secret = { proxyString: readFileSync(alice, 'utf8'), useCertificates: false }
    const options = { ...here(), ...secret, VO: 'example', timeout: 5000, extraCredentials: 'dirac_admin' }
    const answer = await new Client(`${url}/Test/Some`, options).call('add', [2, new Float(3)])
    expect(answer.rpcStub).toEqual([
      [`${url}/Test/Some`, { VO: 'example', timeout: 5, extraCredentials: 'dirac_admin' }],
      'add',
      [2, new Float(3)],
    ])
    expect(Object.keys(answer)).toEqual(['OK', 'Value'])
    expect(await executeRPCStub(answer.rpcStub as RpcStub, here())).toEqual(answer)
    expect(calls[1]?.form).toEqual(calls[0]?.form)
    const ofDirac = { proxyLocation: false, timeout: 600, useAccessToken: false, keepAliveLapse: 0 }
    const gone = await executeRPCStub([['https://localhost:1/Test/Some', ofDirac], 'add', [1]], here())
    expect([gone.OK, gone.rpcStub?.[0][1]]).toEqual([false, { timeout: 600, useAccessToken: false }])
  })

  it('gives up when no byte comes, and takes no more than it may', async () => {
    const silent = await server(() => undefined)
    const late = await new Client(`${silent.url}/Test/Some`, { ...here(), timeout: 100 }).call('m')
    expect(late).toMatchObject({ OK: false, Message: expect.stringContaining('no answer within 0.1 s') })
    const large = await server(ok(`"${'x'.repeat(2000)}"`))
    const cut = await new Client(`${large.url}/Test/Some`, { ...here(), largestAnswer: 1000 }).call('m')
    expect(cut).toMatchObject({ OK: false, Message: expect.stringContaining('more than 1000 bytes') })
  })
})

describe('of several addresses', () => {
  it('the answer of the second one counts when the first can not be reached, and the first is left alone then', async () => {
    const { url, calls } = await server(ok('"second"'))
    const configuration = urls(nobody, url)
    const client = new Client('Test/Some', { ...here(), configuration })
    for (let turn = 0; turn < 4; turn += 1) expect(await client.call('m')).toMatchObject({ Value: 'second' })
    expect(calls.length).toBe(4)
  })

  it('one that says that it has not executed the call is passed over', async () => {
    const stopping = await server((_, response) => response.writeHead(503).end())
    const good = await server(ok('1'))
    const client = new Client('Test/Some', { ...here(), configuration: urls(stopping.url, good.url) })
    for (let turn = 0; turn < 8; turn += 1) expect(await client.call('m')).toMatchObject({ Value: 1 })
    expect(stopping.calls.length).toBeLessThanOrEqual(1)
  })

  it('no other gets a call that may have been executed', async () => {
    const dying = await server((_, response) => response.socket?.destroy())
    const failing = await server((_, response) => response.writeHead(500).end('page'))
    for (const broken of [dying, failing]) {
      const good = await server(ok('1'))
      const answers: boolean[] = []
      // In any order of the two: the call is executed once each time.
      for (let turn = 0; turn < 6; turn += 1) {
        const client = new Client('Test/Some', { ...here(), configuration: urls(broken.url, good.url) })
        answers.push((await client.call('m')).OK)
      }
      expect(broken.calls.length + good.calls.length).toBe(6)
      expect(answers.filter((answered) => answered).length).toBe(good.calls.length)
    }
  })

  it('failover addresses come last, and all that failed are named', async () => {
    const configuration = parseCfg(
      `Systems\n{\nTest\n{\nURLs\n{\nSome = ${nobody}\n}\nFailoverURLs\n{\nSome = https://localhost:2\n}\n}\n}`,
    )
    const answer = await new Client('Test/Some', { ...here(), configuration }).call('m')
    expect(answer).toMatchObject({ OK: false, Message: expect.stringMatching(/localhost:1\/.*; .*localhost:2\//) })
  })

  it('a site with gateways goes through one', async () => {
    const { url, calls } = await server(ok())
    const configuration = parseCfg(`LocalSite\n{\nSite = S\n}\nDIRAC\n{\nGateways\n{\nS = ${url}\n}\n}`)
    await new Client('Test/Some', { ...here(), configuration }).call('m')
    await new Client(`${nobody}/Test/Other`, { ...here(), configuration }).call('m')
    expect(calls.map(({ path }) => path)).toEqual(['/Test/Some', '/Test/Other'])
  })

  it('a name without any is an S_ERROR', async () => {
    const answer = await new Client('Test/Unknown', { ...here(), configuration: urls(nobody) }).call('m')
    expect(answer).toEqual({ OK: false, Errno: 0, Message: 'URL for service Test/Unknown not found', Status: 0 })
  })
})

describe('a server', () => {
  const refused = async (client: Client, seen: GridServer): Promise<string> => {
    const answer = await client.call('m', ['a secret'])
    expect([answer.OK, seen.calls]).toEqual([false, []])
    return answer.OK ? '' : answer.Message
  }

  it('of a CA that is not trusted gets no byte of the call', async () => {
    const foreign = await gridServer(ok(), ownCa('Foreign').host())
    expect(await refused(new Client(`${foreign.url}/T/S`, here()), foreign)).toContain('untrusted-issuer')
    const trusting = new Client(`${foreign.url}/T/S`, { ...here(), skipCACheck: true })
    expect(await trusting.call('m')).toMatchObject({ OK: true })
  })

  it('with another name, or with a certificate of a person, is not believed', async () => {
    const seen = await server(ok())
    const byAddress = seen.url.replace('localhost', '127.0.0.1')
    expect(await refused(new Client(`${byAddress}/T/S`, here()), seen)).toContain('name-mismatch')
    const { text } = ca.user('Mallory')
    const person = await gridServer(ok(), { certificatePem: text, keyPem: text })
    expect(await refused(new Client(`${person.url}/T/S`, here()), person)).toMatch(/no-san|eku-lacks-serverAuth/)
  })

  it('is not believed where there are no CAs', async () => {
    const seen = await server(ok())
    const client = new Client(`${seen.url}/T/S`, here({ X509_CERT_DIR: '/nowhere' }))
    expect(await refused(client, seen)).toContain("/nowhere can't be read")
  })

  it('that is revoked is not believed', async () => {
    const host = ca.host()
    const seen = await gridServer(ok(), host)
    const directory = temporaryFolder()
    ca.publish(directory)
    ca.revoke(directory, host.certificate.serial)
    expect(await refused(new Client(`${seen.url}/T/S`, { ...here(), trust: { directory } }), seen)).toContain('revoked')
  })
})

describe('a client shows', () => {
  it('a proxy that it is told of, that the environment names, or nothing', async () => {
    const { url, calls } = await server(ok())
    const address = `${url}/T/S`
    await new Client(address, { ...here(), proxyLocation: alice }).call('m')
    await new Client(address, here({ X509_USER_PROXY: alice })).call('m')
    await new Client(address, { ...here(), proxyString: readFileSync(alice, 'utf8') }).call('m')
    await new Client(address, { ...here({ X509_USER_PROXY: alice }), anonymous: true }).call('m')
    expect(calls.map(({ certificate }) => certificate !== undefined)).toEqual([true, true, true, false])
    // DIRAC's servers take any text there, `null` too, for credentials that somebody forwards.
    expect(calls.some(({ form }) => form.has('extraCredentials'))).toBe(false)
  })

  it('a renewed proxy from the next call on', async () => {
    const { url, calls, connections } = await server(ok())
    const file = join(temporaryFolder(), 'proxy')
    const client = new Client(`${url}/T/S`, { ...here(), proxyLocation: file })
    for (const name of ['Old', 'New']) {
      writeFileSync(file, ca.user(name).text, { mode: 0o600 })
      await client.call('m')
      await client.call('m')
    }
    expect(calls.map(({ certificate }) => certificate)).toEqual(['Old', 'Old', 'New', 'New'])
    expect(connections()).toBe(2)
  })

  it('the host certificate, and says that it is a host or for whom it speaks', async () => {
    const { url, calls } = await server(ok())
    const root = temporaryFolder()
    const folder = join(root, 'etc', 'grid-security')
    mkdirSync(folder, { recursive: true })
    const host = ca.host()
    writeFileSync(join(folder, 'hostcert.pem'), host.certificatePem)
    writeFileSync(join(folder, 'hostkey.pem'), host.keyPem, { mode: 0o600 })
    const { environment } = here().surroundings ?? {}
    const options = { surroundings: { environment: environment ?? {}, uid: process.getuid?.(), root } }
    const configuration = parseCfg(
      'DIRAC\n{\nSecurity\n{\nUseServerCertificate = yes\n}\n}\n' +
        'Registry\n{\nDefaultGroup = g\nUsers\n{\nbob\n{\nDN = /C=x/CN=Bob\n}\n}\nGroups\n{\ng\n{\nUsers = bob\n}\n}\n}',
    )
    const call = (more: ClientOptions) => new Client(`${url}/T/S`, { ...options, configuration, ...more }).call('m')
    await call({})
    await call({ delegatedDN: '/C=x/CN=Bob' })
    await call({ delegatedDN: '/C=x/CN=Bob', delegatedGroup: 'other' })
    expect(await call({ delegatedDN: '/C=x/CN=Nobody' })).toMatchObject({ OK: false, Errno: 1108 })
    expect(calls.map(({ form }) => form.get('extraCredentials'))).toEqual([
      '"hosts"',
      '["/C=x/CN=Bob","g"]',
      '["/C=x/CN=Bob","other"]',
    ])
    expect(calls.every(({ certificate }) => certificate === 'localhost')).toBe(true)
  })

  it('a token, over HTTPS alone', async () => {
    const { url, calls } = await server(ok())
    await new Client(`${url}/T/S`, { ...here(), accessToken: async () => 'one' }).call('m')
    await new Client(`${url}/T/S`, { ...here({ BEARER_TOKEN: ' two ' }), useAccessToken: true }).call('m')
    expect(calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer two'])
    const plain = await gridServer(ok())
    const answer = await new Client(`${plain.url}/T/S`, { ...here(), accessToken: 'three' }).call('m')
    expect([answer.OK, plain.calls]).toEqual([false, []])
  })

  it('nothing else instead of a credential that can not be used', async () => {
    const { url, calls } = await server(ok())
    const open = join(temporaryFolder(), 'open.proxy')
    writeFileSync(open, readFileSync(alice), { mode: 0o644 })
    const client = (more: ClientOptions) => new Client(`${url}/T/S`, { ...here(), ...more }).call('m')
    expect(await client({ proxyLocation: open })).toMatchObject({ Errno: 1102 })
    expect(await client({ proxyLocation: '/nowhere' })).toMatchObject({ Errno: 1102 })
    expect(await client(here({ X509_USER_PROXY: '/nowhere' }))).toMatchObject({ Errno: 1101 })
    expect(await client({ useCertificates: true })).toMatchObject({ Errno: 1103 })
    expect(calls).toEqual([])
  })
})

describe('files', () => {
  it('are received into a file and sent as bytes', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, place) => place % 251))
    const { url, calls } = await server(({ form }, response) =>
      form.get('method') === 'streamToClient' ? void response.end(bytes) : ok('100000')({} as never, response),
    )
    const client = new Client(`${url}/T/S`, here())
    const file = join(temporaryFolder(), 'file')
    expect(await client.receiveFile(file, 'id', 'token')).toEqual({ OK: true, Value: null })
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(await client.sendFile(file, 'id')).toEqual({ OK: true, Value: 100_000 })
    expect([calls[0]?.form.get('args'), calls[0]?.form.get('rawContent')]).toEqual(['["id","token"]', 'True'])
    const [id, , size, sent] = JSON.parse(calls[1]?.form.get('args') ?? '')
    expect([id, size, sent]).toEqual(['id', 100_000, { __dCls: 'b64', obj: bytes.toString('base64') }])
  })

  it('that are not there are an S_ERROR on either side', async () => {
    const { url } = await server((_, response) => response.writeHead(500).end('page'))
    const client = new Client(`${url}/T/S`, here())
    expect(await client.receiveFile(join(temporaryFolder(), 'file'), 'id')).toMatchObject({ OK: false })
    expect(await client.sendFile('/nowhere', 'id')).toMatchObject({ Message: expect.stringContaining('ENOENT') })
  })
})

describe('a class for one service', () => {
  it('patches what JSON can not carry', async () => {
    class Jobs extends Client {
      static override readonly patches = { getStatus: { value: strToIntDict } }
    }
    const { url } = await server(ok('{"7": "Done", "12": "Failed"}'))
    expect(await new Jobs(`${url}/T/S`, here()).call('getStatus')).toEqual({
      OK: true,
      Value: new Map([
        [7, 'Done'],
        [12, 'Failed'],
      ]),
    })
  })

  it('reads and writes the configuration service', async () => {
    // As a DIRAC configuration server sends it: compressed by Python, then base64.
    const data = 'eNpz8QxydFaw5apVqOYCAB8gA/A='
    const { url, calls } = await server(({ form }, response) =>
      ok(form.get('method') === 'getCompressedDataIfNewer' ? '{"newestVersion": "1"}' : `"${data}"`)(
        {} as never,
        response,
      ),
    )
    const client = new ConfigurationClient(`${url}/Configuration/Server`, here())
    expect(await client.getCompressedData()).toEqual({ OK: true, Value: Buffer.from(data, 'base64') })
    expect(await client.getCompressedDataIfNewer('1')).toEqual({ OK: true, Value: { newestVersion: '1' } })
    await client.commitNewData(Buffer.from(data, 'base64'))
    expect(calls.at(-1)?.form.get('args')).toBe(`["${data}"]`)
  })
})
