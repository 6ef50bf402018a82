import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import { ownCa } from '../support/own-ca.ts'
import { type TestProvider, testProvider } from '../support/tokens.ts'

const cfg = ({ issuer }: TestProvider): string => `
Resources
{
  IdProviders
  {
    idp
    {
      issuer = ${issuer}
      jwks = etc/jwks.json
    }
  }
}
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
    admins
    {
      Properties = ServiceAdministrator
    }
  }
}`
const body = `
  auth_admin = ['ServiceAdministrator']
  export_admin() { return S_OK('done') }
  auth_who = ['authenticated']
  export_who() { return S_OK(this.getRemoteCredentials()) }`

describe.each([1, 2])('a node with %i fronts', (fronts) => {
  it('lets in who shows a token of a provider that it knows, as the registry and the rules have it', async () => {
    const provider = testProvider()
    const ca = ownCa()
    const node: NodeWithCallers = await nodeWithCallers(undefined, ca, cfg(provider), undefined, fronts)
    try {
      const services = [
        { service: 'Samples/Tokens', body },
        { service: 'Samples/Certificates', body: `static DEFAULT_AUTHENTICATION = ['SSL']${body}` },
      ]
      for (const service of services) expect(await node.deploy(service, 'secure')).toMatchObject({ outcome: 'done' })
      writeFileSync(join(node.home, 'etc/jwks.json'), provider.jwks)
      const as = (claims: object = {}) => ({ headers: { authorization: `Bearer ${provider.token({ ...claims })}` } })
      const ask = async (method: string, claims?: object, more: object = {}, path = '/Samples/Tokens') =>
        (await node.call(path, method, { ...as(claims), ...more })).status
      await expect.poll(() => ask('who'), { timeout: 15_000 }).toBe(200)
      // The other fronts have looked at the file as well.
      await expect
        .poll(() => Promise.all(Array.from({ length: 6 }, () => ask('who'))), { timeout: 15_000 })
        .toEqual(Array(6).fill(200))
      expect((await node.call('/Samples/Tokens', 'whoami', as({ scope: 'g:users' }))).value).toEqual({
        ID: 'carol-1',
        DN: '/O=DIRAC/CN=carol-1',
        properties: ['NormalUser'],
        group: 'users',
        username: 'carol',
      })
      expect(await ask('admin')).toBe(401)
      expect(await ask('admin', { scope: 'g:admins' })).toBe(401)
      expect(await ask('who', { scope: 'g:admins' })).toBe(401)
      expect(await ask('who', { sub: 'somebody' })).toBe(401)
      expect(await ask('who', { exp: 1000 })).toBe(401)
      expect(await ask('who', {}, { extraCredentials: 'users' })).toBe(401)
      expect(await ask('who', {}, { extraCredentials: ['/O=DIRAC/CN=root', 'admins'] })).toBe(401)
      expect(await ask('ping', { iss: 'https://evil' })).toBe(401)
      expect(await ask('who', {}, {}, '/Samples/Certificates')).toBe(401)
      expect((await node.call('/Samples/Tokens', 'who')).status).toBe(401)
      const token = provider.token().split('.')
      const log = JSON.stringify(node.log())
      expect(log).toContain('the token of a caller was refused')
      // Its header is the beginning of each of them.
      expect(log).not.toContain(token[0])
    } finally {
      await node.stop()
    }
  }, 120_000)
})
