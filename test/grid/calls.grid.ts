import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import { type GridPki, gridPki } from '../support/grid-pki.ts'
import { ownCa } from '../support/own-ca.ts'
import { temporaryFolder } from '../support/temporary.ts'

const alice = '/DC=test/DC=grid/OU=People/CN=Alice Example'
const registry = `
Registry
{
  Users
  {
    alice
    {
      DN = ${alice}
      DefaultGroup = diligent_user
    }
  }
  Groups
  {
    diligent_user
    {
      Users = alice
      Properties = NormalUser
      VO = test.vo
    }
  }
}`

/** Not in step: the node that is called runs in this process. */
const tool = promisify(execFile)

let pki: GridPki
let node: NodeWithCallers

beforeAll(async () => {
  pki = await gridPki('grid')
  node = await nodeWithCallers(pki.path('certificates'), ownCa(), registry, pki.path('vomsdir'))
  const body = `
  auth_member = ['NormalUser']
  export_member() { return S_OK(this.getRemoteCredentials().FQANs) }
`
  expect(await node.deploy({ service: 'Samples/Guarded', body }, 'secure')).toMatchObject({ outcome: 'done' })
  return () => node.stop()
}, 180_000)

/** What curl gets from a method of the secure service with such a proxy, the host certificate checked. */
async function curl(proxy: string, method: string): Promise<{ status: number; answer: Record<string, unknown> }> {
  const words = ['-s', '--capath', node.trust, '--cert', proxy, '--key', proxy, '-w', '\n%{http_code}']
  const { stdout } = await tool('curl', [...words, '-d', `method=${method}`, `${node.https}/Samples/Guarded`])
  const [answer = '', status] = stdout.split('\n')
  return { status: Number(status), answer: JSON.parse(answer) as Record<string, unknown> }
}

const signed = (): readonly string[] => [
  '-certdir',
  pki.path('certificates'),
  '-bits',
  '2048',
  '-cert',
  pki.path('users/alice/usercert.pem'),
  '-key',
  pki.path('users/alice/userkey.pem'),
]

describe('curl with a proxy of the grid tools', () => {
  it.each([
    ['', [], false],
    [' that is limited', ['-limited'], true],
  ])('made by grid-proxy-init%s calls a secured method and reads who it is', async (_, more, isLimitedProxy) => {
    const proxy = join(temporaryFolder(), 'x509up')
    await tool('grid-proxy-init', ['-q', '-rfc', ...more, ...signed(), '-out', proxy])
    const { status, answer } = await curl(proxy, 'whoami')
    expect(status).toBe(200)
    expect(answer.Value).toMatchObject({
      identity: alice,
      username: 'alice',
      group: 'diligent_user',
      VO: 'test.vo',
      isProxy: true,
      isLimitedProxy,
    })
    expect(answer.Value).not.toHaveProperty('FQANs')
    expect(await curl(proxy, 'member')).toEqual({ status: 200, answer: { OK: true, Value: null } })
  })

  it('made by voms-proxy-fake calls a secured method and reads its group and FQANs', async () => {
    const proxy = join(temporaryFolder(), 'x509up')
    const server = ['-hostcert', pki.path('ca/voms.pem'), '-hostkey', pki.path('keys/voms.pem')]
    const roles = ['/test.vo/Role=NULL/Capability=NULL', '/test.vo/analysis/Role=production/Capability=NULL']
    const attributes = ['-voms', 'test.vo', '-uri', 'voms.test.grid:15000', ...roles.flatMap((one) => ['-fqan', one])]
    await tool('voms-proxy-fake', ['-quiet', '-rfc', ...signed(), ...server, ...attributes, '-out', proxy])
    expect((await curl(proxy, 'whoami')).answer.Value).toMatchObject({
      identity: alice,
      group: 'diligent_user',
      FQANs: ['/test.vo', '/test.vo/analysis/Role=production'],
    })
    expect((await curl(proxy, 'member')).answer.Value).toEqual(['/test.vo', '/test.vo/analysis/Role=production'])
  })

  it('whose attributes are of a stranger, stolen or over has its identity and no attributes', async () => {
    for (const bad of ['voms-wrong-signer', 'voms-stolen-ac', 'voms-expired-ac', 'voms-tampered-ac']) {
      const { status, answer } = await curl(pki.path(`bad/${bad}.pem`), 'member')
      expect([bad, status, answer.Value ?? null]).toEqual([bad, bad === 'voms-stolen-ac' ? 401 : 200, null])
    }
  })

  it('of a generation that is not taken is refused', async () => {
    for (const file of ['globus/legacy.pem', 'globus/draft.pem', 'globus/rfc-independent.pem']) {
      expect([file, (await curl(pki.path(file), 'whoami')).status]).toEqual([file, 401])
    }
  })
})
