import type { IncomingMessage } from 'node:http'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Callers } from '../../src/transport/callers.ts'
import { recordingLog, transportConfiguration } from '../support/doors.ts'
import { authorizationFor } from '../support/gatekeeper.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'
import { type RemoteAdminDoors, remoteAdmin } from '../support/remote-admin.ts'
import { temporaryFolder } from '../support/temporary.ts'

const header = 'X-SSL-CERT'
const named = ({ base }: OwnCa, name: string): string => `${base}/CN=${name}`

/** Doors whose administrators are Ada and the front itself. */
const doorsBehindFront = (): Promise<RemoteAdminDoors> =>
  remoteAdmin(
    (ca) => `DHN\n{\nSecurity\n{\nAdministrators = ${named(ca, 'Ada')}, ${named(ca, 'Front')}\n}\n}`,
    (ca) => ({ certificates: named(ca, 'Front'), addresses: ['127.0.0.1'], header }),
  )

async function said(doors: RemoteAdminDoors, credential: string | undefined, told?: string | string[]) {
  const headers = told === undefined ? {} : { [header]: told }
  const { status, json } = await doors.ask('get', '/admin/v1/node', {
    ...(credential !== undefined && { credential }),
    headers,
  })
  return [status, (json as { code?: string }).code]
}

/** Certificates of a credential as nginx sends them. */
const asSent = (credential: string): string =>
  encodeURIComponent((credential.match(/-----BEGIN CERT.*?END CERTIFICATE-----\n/gs) ?? []).join(''))

describe('a front that ends TLS', () => {
  it('speaks for its client, whose chain is judged here, and never for itself', async () => {
    const doors = await doorsBehindFront()
    const { ca } = doors
    const front = ca.user('Front').text
    const ada = ca.user('Ada').text
    expect(await said(doors, front, asSent(ada))).toEqual([200, undefined])
    expect(await said(doors, front, asSent(ca.proxy('users', ada)))).toEqual([200, undefined])
    expect(await said(doors, front, asSent(ca.limitedProxy(ada)))).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, front, asSent(ca.user('Eve').text))).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, front, asSent(ownCa('Other').user('Ada').text))).toEqual([401, 'DHN_CERTIFICATE_REFUSED'])
    expect(await said(doors, front)).toEqual([401, 'DHN_UNAUTHENTICATED'])
    for (const nonsense of [
      '%',
      'SUCCESS',
      encodeURIComponent('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    ])
      expect(await said(doors, front, nonsense), nonsense).toEqual([401, 'DHN_CERTIFICATE_REFUSED'])
    expect(await said(doors, front, [asSent(ada), asSent(ada)])).toEqual([401, 'DHN_CERTIFICATE_REFUSED'])
  })

  it('is nobody else who sends its header', async () => {
    const doors = await doorsBehindFront()
    const { ca } = doors
    const ada = asSent(ca.user('Ada').text)
    expect(await said(doors, undefined, ada)).toEqual([401, 'DHN_UNAUTHENTICATED'])
    expect(await said(doors, ca.user('Eve').text, ada)).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, ca.limitedProxy(ca.user('Front').text), ada)).toEqual([403, 'DHN_NOT_ADMINISTRATOR'])
    expect(await said(doors, ownCa('Other').user('Front').text, ada)).toEqual([401, 'DHN_CERTIFICATE_REFUSED'])
  })

  it('speaks for nobody who is revoked meanwhile', async () => {
    const doors = await doorsBehindFront()
    const { ca, trust } = doors
    const [front, ada] = [ca.user('Front').text, ca.user('Ada')]
    expect(await said(doors, front, asSent(ada.text))).toEqual([200, undefined])
    ca.revoke(trust, ada.serial)
    await vi.waitFor(
      async () => expect(await said(doors, front, asSent(ada.text))).toEqual([401, 'DHN_CERTIFICATE_REFUSED']),
      { timeout: 5000 },
    )
  })

  it('is known by its address at the plain door alone, and there for no administrator', async () => {
    const ca = ownCa()
    const trustDirectory = temporaryFolder()
    ca.publish(trustDirectory)
    const configuration = await transportConfiguration()
    const front = { certificates: '', addresses: ['10.0.0.0/8'], header }
    const callers = new Callers(
      { ...configuration, callers: { ...configuration.callers, trustDirectory }, front },
      authorizationFor(),
      recordingLog(),
    )
    await callers.start()
    onTestFinished(() => callers.stop())
    const ada = asSent(ca.user('Ada').text)
    const from = (remoteAddress: string) =>
      callers.ofRequest({
        socket: { remoteAddress },
        headers: {},
        headersDistinct: { 'x-ssl-cert': [ada] },
      } as unknown as IncomingMessage)
    expect(from('::ffff:10.1.2.3')).toMatchObject({
      caller: { name: { text: named(ca, 'Ada') } },
      protection: { integrity: false, privacy: false },
      peer: '10.1.2.3',
    })
    expect(from('127.0.0.1')).toMatchObject({ caller: { name: undefined } })
  })
})
