import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../../src/client/client.ts'
import { type NodeWithCallers, nodeWithCallers } from '../support/callers.ts'
import { commandLine } from '../support/command-line.ts'
import { type OwnCa, ownCa } from '../support/own-ca.ts'
import { packedSamples } from '../support/running-node.ts'
import { temporaryFolder } from '../support/temporary.ts'

const user = (base: string, name: string): string => `${name}\n{\nDN = ${base}/CN=${name}\n}\n`
const configuration = (base: string): string => `
Systems
{
  Samples
  {
    Services
    {
      Locker
      {
        MaxBytes = 2000
      }
    }
  }
}
Registry
{
  DefaultGroup = users
  Users
  {
${user(base, 'alice')}${user(base, 'bob')}
  }
  Groups
  {
    users
    {
      Users = alice, bob
      Properties = NormalUser
    }
    admins
    {
      Users = alice
      Properties = ServiceAdministrator
    }
  }
}`

const { locker } = packedSamples('locker')
const folder = temporaryFolder()
let ca: OwnCa
let node: NodeWithCallers

/** A DIRAC client of the locker that shows a proxy of this user and group. */
function lockerOf(name: string, group = 'users'): Client {
  const proxyLocation = join(folder, `${name}-${group}`)
  writeFileSync(proxyLocation, ca.proxy(group, ca.user(name).text), { mode: 0o600 })
  return new Client(`${node.https}/Samples/Locker`, { proxyLocation, skipCACheck: true })
}

beforeAll(async () => {
  ca = ownCa()
  node = await nodeWithCallers(undefined, ca, configuration(ca.base))
  const { code, stderr } = await commandLine(['deploy', locker], { home: node.home })
  if (code !== 0) throw new Error(stderr)
  return () => node.stop()
}, 120_000)

describe("the sample of DIRAC's kind", () => {
  it('keeps the files of each user apart', async () => {
    const [alice, bob] = [lockerOf('alice'), lockerOf('bob')]
    const [sent, received] = [join(folder, 'sent'), join(folder, 'received')]
    writeFileSync(sent, Buffer.from([0, 255, 10, 13]))
    expect(await alice.sendFile(sent, 'a.bin')).toMatchObject({ OK: true, Value: null })
    expect(await alice.receiveFile(received, 'a.bin')).toMatchObject({ OK: true })
    expect(readFileSync(received)).toEqual(readFileSync(sent))
    expect(await alice.call('listFiles')).toMatchObject({
      OK: true,
      Value: [{ name: 'a.bin', size: 4, changed: expect.any(Date) }],
    })
    expect(await bob.call('listFiles')).toMatchObject({ OK: true, Value: [] })
    expect(await bob.receiveFile(received, 'a.bin')).toMatchObject({ OK: false, Status: 404 })
    expect(await bob.call('removeFile', ['a.bin'])).toMatchObject({ OK: false, Errno: 2 })
    expect(await alice.call('removeFile', ['a.bin'])).toMatchObject({ OK: true, Value: null })
  })

  it('has the limit that the configuration says, and names that lead nowhere else', async () => {
    const alice = lockerOf('alice')
    const large = join(folder, 'large')
    writeFileSync(large, Buffer.alloc(2001))
    expect(await alice.sendFile(large, 'large')).toMatchObject({ OK: false, Errno: 27 })
    expect(await alice.sendFile(large, '../large')).toMatchObject({ OK: false, Errno: 22 })
    expect(await alice.receiveFile(large, '../../etc/passwd')).toMatchObject({ OK: false, Status: 404 })
    expect(await alice.call('listFiles', ['too', 'many'])).toMatchObject({ OK: false, Status: 500 })
  })

  it('lets in those whom its rules name', async () => {
    expect(await lockerOf('alice').call('lockers')).toMatchObject({ OK: false, Status: 401 })
    expect(await lockerOf('alice', 'admins').call('lockers')).toMatchObject({ OK: true, Value: ['alice', 'bob'] })
    expect((await node.call('/Samples/Locker', 'ping')).status).toBe(401)
  })
})
