import { request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { describe, expect, it } from 'vitest'
import type { OwnCa } from '../support/own-ca.ts'
import { type AskAs, type RemoteAdminDoors, remoteAdmin } from '../support/remote-admin.ts'

const node = '/admin/v1/node'

const listed = ({ base }: OwnCa): string => `
DHN
{
  Security
  {
    Administrators = ${base}/CN=Ada, ${base}/CN=Ben
    AdministratorGroups = operators
  }
}
Registry
{
  Users
  {
    grace
    {
      DN = ${base}/CN=Grace
    }
  }
  Groups
  {
    operators
    {
      Users = grace
      VO = example
    }
  }
}`

/** What was answered, in short: the status, and the code of a refusal. */
async function said(
  doors: RemoteAdminDoors,
  as: AskAs,
  [verb, path]: readonly [string, string] = ['get', node],
): Promise<unknown[]> {
  const { status, json } = await doors.ask(verb, path, as)
  return [status, (json as { code?: string } | undefined)?.code]
}

/** Everything that fronts of all kinds say about a caller. */
const forged = (dn: string, certificate: string): Record<string, string> =>
  Object.fromEntries(
    [
      ...['X-SSL-CERT', 'SSL_CLIENT_CERT', 'X-SSL-Client-Cert', 'X-Client-Cert', 'X-ARR-ClientCert', 'Client-Cert'],
      ...['X-Forwarded-Client-Cert', 'X-Forwarded-Tls-Client-Cert', 'X-Amzn-Mtls-Clientcert', 'X-SSL-Client-Chain'],
    ]
      .map((name) => [name, encodeURIComponent(certificate)])
      .concat(
        ['X-SSL-Client-S-DN', 'SSL_CLIENT_S_DN', 'X-Client-DN', 'X-Remote-User', 'REMOTE_USER', 'X-DN'].map((name) => [
          name,
          dn,
        ]),
        [
          ['X-Ssl_client_verify', 'SUCCESS'],
          ['X-SSL-Client-Verify', 'SUCCESS'],
          ['X-Forwarded-User', dn],
          ['X-Forwarded-For', '127.0.0.1'],
          ['Forwarded', 'for=127.0.0.1;proto=https'],
          ['X-Real-IP', '127.0.0.1'],
          ['X-Forwarded-Proto', 'https'],
        ],
      ),
  )

describe('the admin API over HTTPS', () => {
  it('is for listed administrators and the members of their groups', async () => {
    const doors = await remoteAdmin(listed)
    const { ca } = doors
    const [ada, grace, eve] = ['Ada', 'Grace', 'Eve'].map((name) => ca.user(name).text) as [string, string, string]
    expect(await said(doors, { credential: ada })).toEqual([200, undefined])
    expect(await said(doors, { credential: grace })).toEqual([200, undefined])
    expect(await said(doors, { credential: eve })).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, {})).toEqual([401, 'DHN_UNAUTHENTICATED'])
    expect(await said(doors, { credential: ca.limitedProxy(ada) })).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, { credential: ca.user('Ada', -1000).text })).toEqual([401, 'DHN_CERTIFICATE_REFUSED'])
    // Without a word in the configuration nobody may.
    doors.configure('')
    expect(await said(doors, { credential: ada })).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
  })

  it('takes changes and archives, within the limit, and answers before it takes more', async () => {
    const doors = await remoteAdmin(listed)
    const credential = doors.ca.user('Ada').text
    const headers = { 'content-type': 'application/octet-stream', expect: '100-continue' }
    const deploy = ['post', '/admin/v1/deployments?name=samples_echo.gar'] as const
    expect(await said(doors, { credential, headers, body: 'bytes' }, deploy)).toEqual([202, undefined])
    expect(doors.node.archives).toEqual(['bytes'])
    // The files of the node's machine are for its owner alone.
    const lies = ['post', `${deploy[1]}&at=${encodeURIComponent(import.meta.filename)}&identity=1-2-3-4`] as const
    expect(await said(doors, { credential }, lies)).toEqual([400, 'DHN_REQUEST_INVALID'])
    const long = { ...headers, 'content-length': String(2 * 1024 * 1024) }
    expect(await said(doors, { credential, headers: long }, deploy)).toEqual([413, 'DHN_UPLOAD_TOO_LARGE'])
    expect(await said(doors, { headers: long }, deploy)).toEqual([401, 'DHN_UNAUTHENTICATED'])
    expect(await said(doors, { credential }, ['post', '/admin/v1/instances/x/disable'])).toEqual([200, undefined])
    expect(doors.node.asked).toEqual([
      ['deploy', expect.anything()],
      ['disable', 'x'],
    ])
  })

  it('believes no header about who calls', async () => {
    const doors = await remoteAdmin(listed)
    const { text } = doors.ca.user('Ada')
    const headers = forged(`${doors.ca.base}/CN=Ada`, text)
    expect(Object.keys(headers).length).toBeGreaterThan(20)
    for (const [name, value] of Object.entries(headers)) {
      expect(await said(doors, { headers: { [name]: value } }), name).toEqual([401, 'DHN_UNAUTHENTICATED'])
    }
    expect(await said(doors, { headers, credential: doors.ca.user('Eve').text })).toEqual([
      403,
      'DHN_NOT_ADMINISTRATOR',
    ])
  })

  it.each([
    ['another host', { host: 'evil.example' }, [421, 'DHN_HOST_NOT_SERVED']],
    ['a host that only begins as ours', { host: 'localhost.evil.example' }, [421, 'DHN_HOST_NOT_SERVED']],
    ['an address that is not ours', { host: '10.1.2.3:8443' }, [421, 'DHN_HOST_NOT_SERVED']],
    ['a page', { origin: 'https://evil.example' }, [403, 'DHN_CROSS_SITE_REQUEST']],
    ['a page without an origin', { origin: 'null' }, [403, 'DHN_CROSS_SITE_REQUEST']],
    ['a page of our own name', { origin: 'https://localhost' }, [403, 'DHN_CROSS_SITE_REQUEST']],
    ['an image in a page', { 'sec-fetch-site': 'cross-site' }, [403, 'DHN_CROSS_SITE_REQUEST']],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, [415, 'DHN_CONTENT_TYPE_REFUSED']],
    ['a form with a file', { 'content-type': 'multipart/form-data; boundary=x' }, [415, 'DHN_CONTENT_TYPE_REFUSED']],
    ['a form of text', { 'content-type': 'text/plain;application/json' }, [415, 'DHN_CONTENT_TYPE_REFUSED']],
    ['our name with a dot and a port', { host: 'LOCALHOST.:443' }, [202, undefined]],
    ['our address', { host: '127.0.0.1' }, [202, undefined]],
  ])('an administrator’s browser that is made to send what comes from %s', async (_, headers, answer) => {
    const doors = await remoteAdmin(listed)
    const as = { credential: doors.ca.user('Ada').text, headers: headers as unknown as Record<string, string> }
    expect(await said(doors, as, ['post', '/admin/v1/instances/x/restart'])).toEqual(answer)
    expect(doors.node.asked.length).toBe(answer[0] === 202 ? 1 : 0)
  })

  it('is not on the plain HTTP door, nor allowed to a page that asks whether it may', async () => {
    const doors = await remoteAdmin(listed)
    const status = await new Promise((resolve) => {
      plainRequest(`${doors.http}${node}`, { agent: false }, (answer) => resolve(answer.resume().statusCode)).end()
    })
    expect(status).toBe(401)
    const { headers } = await doors.ask('options', node, {
      credential: doors.ca.user('Ada').text,
      headers: { 'access-control-request-method': 'DELETE' },
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it.each([
    ['is revoked', ({ ca, trust }: RemoteAdminDoors, serial: Buffer) => ca.revoke(trust, serial)],
    ['is listed no more', (doors: RemoteAdminDoors) => doors.configure('')],
  ])('lets go of an administrator who follows a log and %s', async (_, happens) => {
    const doors = await remoteAdmin(listed)
    const { text, serial } = doors.ca.user('Ada')
    doors.node.endless = true
    const ended = new Promise((resolve, reject) => {
      const options = { rejectUnauthorized: false, agent: false, cert: text, key: text } as const
      const asked = request(`${doors.https}/admin/v1/instances/x/log?follow=true`, options, (answer) => {
        answer.once('data', () => happens(doors, serial))
        answer.resume().once('error', resolve).once('end', reject)
      })
      asked.once('error', reject).end()
    })
    await expect(ended).resolves.toMatchObject({ code: 'ECONNRESET' })
    const [status] = await said(doors, { credential: text })
    expect([401, 403]).toContain(status)
  })
})
