import { Agent, request } from 'node:https'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type CallAs, type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import { type GridPki, gridPki } from '../support/grid-pki.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'

const path = '/Samples/Guarded'
const registry = (own: string, properties = 'NormalUser'): string => `
Registry
{
  DefaultGroup = users
  Users
  {
    carol
    {
      DN = ${own}/CN=Carol
    }
    mallory
    {
      DN = ${own}/CN=Mallory
    }
  }
  Groups
  {
    users
    {
      Users = carol, mallory
      Properties = ${properties}
    }
  }
}`
const security = (administrator: string): string => `
DHN/Security/Administrators = ${administrator}
`
const body = `
  auth_admin = ['ServiceAdministrator']
  export_admin() { return S_OK(this.getRemoteCredentials().username) }
  auth_who = ['authenticated']
  export_who() { return S_OK(this.getRemoteCredentials().username) }`

let pki: GridPki
let own: OwnCa
let node: NodeWithCallers

/** As many connections as will do to have some at each of the fronts. */
function connections(credential: string): readonly CallAs[] {
  return Array.from({ length: 6 }, () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, cert: credential, key: credential })
    onTestFinished(() => agent.destroy())
    return { agent }
  })
}
const statuses = (method: string, all: readonly CallAs[]): Promise<readonly number[]> =>
  Promise.all(
    all.map((as) =>
      node.call(path, method, as).then(
        ({ status }) => status,
        () => 0,
      ),
    ),
  )
const six = (status: number): readonly number[] => Array(6).fill(status)

function get(url: string, credential?: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const shown = credential === undefined ? {} : { cert: credential, key: credential }
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...shown, headers, rejectUnauthorized: false, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.once('end', () => resolve([response.statusCode ?? 0, text]))
    })
    asked.once('error', reject).end()
  })
}

beforeAll(async () => {
  pki = await gridPki()
  own = ownCa()
  node = await nodeWithCallers(pki.path('certificates'), own, registry(own.base), undefined, 2)
  expect(await node.deploy({ service: 'Samples/Guarded', body }, 'secure')).toMatchObject({ outcome: 'done' })
  return () => node.stop()
}, 120_000)

describe('callers of a node with two fronts', () => {
  it('are known at each of them', async () => {
    const carol = connections(own.user('Carol').text)
    expect(await statuses('who', carol)).toEqual(six(200))
    expect(await statuses('admin', carol)).toEqual(six(401))
    expect(await statuses('who', Array(6).fill({}))).toEqual(six(401))
    expect((await node.call(path, 'who', carol[0])).value).toBe('carol')
  })

  it('are cut off at each of them when they are revoked', async () => {
    const { text, serial } = own.user('Mallory')
    const kept = connections(text)
    expect(await statuses('who', kept)).toEqual(six(200))
    own.revoke(node.trust, serial)
    await expect.poll(async () => (await statuses('who', kept)).includes(200), { timeout: 10_000 }).toBe(false)
    expect(await statuses('who', connections(text))).toEqual(six(401))
    expect(await statuses('who', connections(own.user('Carol').text))).toEqual(six(200))
  })

  it('have other rights at all of them when the registry is another', async () => {
    const carol = connections(own.user('Carol').text)
    expect(await statuses('admin', carol)).toEqual(six(401))
    node.configure(registry(own.base, 'NormalUser, ServiceAdministrator'))
    await expect.poll(async () => (await statuses('admin', carol))[0], { timeout: 10_000 }).toBe(200)
    expect(await statuses('admin', carol)).toEqual(six(200))
    node.configure(registry(own.base))
    await expect.poll(async () => (await statuses('admin', carol))[0], { timeout: 10_000 }).toBe(401)
    expect(await statuses('admin', carol)).toEqual(six(401))
  })

  it('are who they are at the admin API too, which the node answers, and nobody else by what he writes', async () => {
    const carol = own.user('Carol').text
    const url = `${node.https}/admin/v1/node`
    expect((await get(url, carol))[0]).toBe(403)
    node.configure(`${registry(own.base)}${security(`${own.base}/CN=Carol`)}`)
    await expect.poll(async () => (await get(url, carol))[0], { timeout: 10_000 }).toBe(200)
    expect(JSON.parse((await get(url, carol))[1])).toMatchObject({ state: 'running' })
    const chain = JSON.stringify({ token: '', tls: { chain: [carol], reused: false } })
    expect((await get(url, undefined, { 'x-dhn-front': chain }))[0]).toBe(401)
    expect((await get(url, pki.text('users/revoked.pem') + pki.text('keys/bob.pem')))[0]).toBe(401)
    expect((await get(`${node.https}/metrics`))[0]).toBe(200)
  })
})
