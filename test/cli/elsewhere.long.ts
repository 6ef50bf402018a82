import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../support/command-line.ts'
import { hostCredentials } from '../support/doors.ts'
import { type RemoteAdminDoors, remoteAdmin } from '../support/remote-admin.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface Place {
  readonly doors: RemoteAdminDoors
  /** The CA of the node's host certificate. */
  readonly trust: string
  readonly archive: string
  /** A file with the credential of an administrator, and of somebody else. */
  readonly ada: string
  readonly eve: string
}

async function place(): Promise<Place> {
  const doors = await remoteAdmin(({ base }) => `DHN\n{\nSecurity\n{\nAdministrators = ${base}/CN=Ada\n}\n}`)
  const trust = temporaryFolder()
  const file = (name: string, text: string): string => {
    writeFileSync(join(trust, name), text, { mode: 0o600 })
    return join(trust, name)
  }
  file('host-ca.pem', (await hostCredentials()).ca)
  const [ada, eve] = ['Ada', 'Eve'].map((name) => file(`${name}.credential`, doors.ca.user(name).text))
  return { doors, trust, archive: file('samples_echo.gar', 'bytes'), ada: ada as string, eve: eve as string }
}

describe('a command with --node', () => {
  it('does with a node elsewhere what it does with its own', async () => {
    const { doors, trust, archive, ada } = await place()
    const there = ['--node', doors.https, '--cert', ada, '--trust', trust, '--json']
    const listed = await commandLine(['list', ...there])
    expect([listed.code, JSON.parse(listed.stdout)[0].garId]).toEqual([0, 'samples_echo'])
    expect(await commandLine([...there, 'deploy', archive, '--nosec', '--no-wait'])).toMatchObject({ code: 0 })
    expect(doors.node.archives).toEqual(['bytes'])
    expect(await commandLine(['stop', '--no-wait', ...there])).toMatchObject({ code: 0 })
    const log = await commandLine(['ri', 'logs', 'x', ...there])
    expect(log.stdout).toBe('"one"\n"two"\n')
  })

  it('finds node, certificate and CAs where grid tools have them', async () => {
    const { doors, trust, ada } = await place()
    const environment = { DHN_NODE: doors.https, X509_CERT_DIR: trust }
    const proxy = await commandLine(['status'], { environment: { ...environment, X509_USER_PROXY: ada } })
    expect([proxy.stderr, proxy.code]).toEqual(['', 0])
    const pair = { ...environment, X509_USER_CERT: ada, X509_USER_KEY: ada }
    expect(await commandLine(['status'], { environment: pair })).toMatchObject({ code: 0 })
    // Who names a home means it.
    expect((await commandLine(['status', '--home', trust], { environment: pair })).stderr).toContain(
      'DHN_NODE_NOT_RUNNING',
    )
  })

  it.each([
    [
      'DHN_NOT_ADMINISTRATOR',
      ({ eve, trust, doors }: Place) => ['--node', doors.https, '--cert', eve, '--trust', trust],
    ],
    ['DHN_NODE_NOT_TRUSTED', ({ ada, doors }: Place) => ['--node', doors.https, '--cert', ada, '--trust', '/nowhere']],
    ['DHN_NODE_UNREACHABLE', ({ ada }: Place) => ['--node', 'https://localhost:1', '--cert', ada]],
    ['DHN_CREDENTIAL_UNREADABLE', ({ doors }: Place) => ['--node', doors.https, '--cert', '/nowhere']],
    [
      'DHN_CREDENTIAL_NOT_PRIVATE',
      ({ ada, doors }: Place) => {
        chmodSync(ada, 0o644)
        return ['--node', doors.https, '--cert', ada]
      },
    ],
    ['DHN_USAGE', ({ ada }: Place) => ['--node', 'http://localhost:8080', '--cert', ada]],
  ])('ends with %s when it can not be done', async (code, options) => {
    const { stdout } = await commandLine(['list', '--json', ...options(await place())])
    expect(JSON.parse(stdout).error.code).toBe(code)
  })

  it('is called wrongly when it is for a home of this machine', async () => {
    expect(await commandLine(['doctor', '--node', 'https://localhost:1'])).toMatchObject({ code: 2 })
  })
})
