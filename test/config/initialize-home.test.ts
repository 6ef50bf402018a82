import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import forge from 'node-forge'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseJndi } from '../../src/archive/jndi.ts'
import { initializeHome, readConfiguration } from '../../src/config.ts'
import { HostCredentialsIncomplete, HostNameInvalid } from '../../src/initialize-home.ts'
import { subjectHash } from '../../src/security/subject-hash.ts'
import { temporaryFolder } from '../support/temporary.ts'

const mode = (file: string): string => (statSync(file).mode & 0o777).toString(8)
const manager = 'etc/org_diligentproject_keeperservice_hnm'

async function newHome(hostName = 'dhn.example.org'): Promise<string> {
  const home = join(temporaryFolder(), 'home')
  await initializeHome(home, { hostName })
  return home
}

describe('a new home', () => {
  it('can be configured, and has the folders and files that are told of', async () => {
    const home = await newHome()
    expect(readConfiguration(home)).toMatchObject({
      transport: { host: 'dhn.example.org' },
      labels: { HostingEnvironment: 'dhn' },
      warnings: [],
    })
    expect(readdirSync(join(home, manager)).sort()).toEqual(['VOMaps', 'customDHNlabels.xml', 'jndi-config.xml'])
    expect(readdirSync(home).sort()).toEqual(['archives', 'deployments', 'etc', 'run', 'stubs', 'var'])
    expect([mode(join(home, 'run')), mode(join(home, 'etc/credentials'))]).toEqual(['700', '700'])
    expect(mode(join(home, 'etc/grid-security/hostkey.pem'))).toBe('600')
  })

  it('has the parameters of the node manager', async () => {
    const file = join(await newHome(), manager, 'jndi-config.xml')
    const { global, problems } = parseJndi(await readFile(file, 'utf8'), { file })
    expect(problems).toEqual([])
    const [configuration] = global.resources
    expect(configuration?.name).toBe('HNMServiceConfiguration')
    expect(Object.fromEntries(configuration?.parameters ?? [])).toEqual({
      factory: 'org.globus.wsrf.jndi.BeanFactory',
      infrastructure: 'PPS',
      defaultVO: '/diligent',
      DHNProfileUpdateIntervalInMillis: '300000',
      latitude: '0',
      longitude: '0',
      country: '',
      location: '',
      localFileSystem: '/',
      DHNType: 'Dynamic',
      securityEnabled: 'true',
      rootDHN: 'false',
    })
  })

  it('is completed and never written over when it is made again', async () => {
    const home = await newHome()
    await writeFile(join(home, 'etc/dhn.cfg'), 'DHN {\n}\n')
    await rm(join(home, manager, 'customDHNlabels.xml'))
    const certificate = readFileSync(join(home, 'etc/grid-security/hostcert.pem'), 'utf8')
    const { created } = await initializeHome(home)
    expect(created).toEqual([join(home, manager, 'customDHNlabels.xml')])
    expect(readFileSync(join(home, 'etc/dhn.cfg'), 'utf8')).toBe('DHN {\n}\n')
    expect(readFileSync(join(home, 'etc/grid-security/hostcert.pem'), 'utf8')).toBe(certificate)
  })

  it('gets no new certificate beside a key that is there', async () => {
    const home = await newHome()
    await rm(join(home, 'etc/grid-security/hostcert.pem'))
    await expect(initializeHome(home)).rejects.toThrow(HostCredentialsIncomplete)
  })

  it.each(['', 'a b', '-x', 'x/../y', 'http://x', '[::1]'])('is not made for the host name %j', async (hostName) => {
    await expect(initializeHome(join(temporaryFolder(), 'home'), { hostName })).rejects.toThrow(HostNameInvalid)
  })
})

describe('the host certificate of a new home', () => {
  it('is signed by its CA, whose key is nowhere, for a year and for every name of this machine', async () => {
    const home = await newHome()
    const certificate = new X509Certificate(readFileSync(join(home, 'etc/grid-security/hostcert.pem')))
    const ca = new X509Certificate(readFileSync(caFile(home)))
    expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true)
    expect(ca.ca && !certificate.ca).toBe(true)
    for (const name of ['localhost', 'dhn.example.org']) expect(certificate.checkHost(name)).toBe(name)
    for (const address of ['127.0.0.1', '::1']) expect(certificate.checkIP(address)).toBeDefined()
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    const days = (Date.parse(certificate.validTo) - Date.now()) / (24 * 60 * 60 * 1000)
    expect(Math.round(days)).toBe(365)
    expect(Date.parse(ca.validTo)).toBeGreaterThan(Date.parse(certificate.validTo))
    const keys = readdirSync(join(home, 'etc/grid-security'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.pem') || name.endsWith('.0'),
    )
    const secrets = keys.filter((name) =>
      readFileSync(join(home, 'etc/grid-security', name), 'utf8').includes('PRIVATE'),
    )
    expect(secrets).toEqual(['hostkey.pem'])
  })

  it('has its CA under the name that OpenSSL looks for, with a signing policy beside it', async () => {
    const home = await newHome()
    const folder = join(home, 'etc/grid-security/certificates')
    const ca = forge.pki.certificateFromPem(readFileSync(caFile(home), 'utf8'))
    const hash = subjectHash(forge.pki.distinguishedNameToAsn1(ca.subject))
    expect(readdirSync(folder).sort()).toEqual([`${hash}.0`, `${hash}.r0`, `${hash}.signing_policy`])
    const name = ca.subject.attributes.map(({ shortName, value }) => `/${shortName}=${value}`).join('')
    expect(readFileSync(join(folder, `${hash}.signing_policy`), 'utf8')).toContain(`access_id_CA   X509    '${name}'`)
    // Where OpenSSL is installed, it is asked too.
    const tool = 'openssl'
    const openssl = spawnSync(
      tool,
      ['verify', '-x509_strict', '-CApath', folder, join(home, 'etc/grid-security/hostcert.pem')],
      { encoding: 'utf8' },
    )
    expect(openssl.error === undefined ? openssl.stdout : ': OK').toMatch(/: OK$/m)
  })

  it('lets a client that trusts the CA connect, and no other', async () => {
    const home = await newHome()
    const server = createServer({
      cert: readFileSync(join(home, 'etc/grid-security/hostcert.pem')),
      key: readFileSync(join(home, 'etc/grid-security/hostkey.pem')),
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const attempt = (ca: Buffer | undefined): Promise<unknown> =>
      new Promise((resolve) => {
        const socket = connect({
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          ...(ca === undefined ? {} : { ca }),
        })
        socket
          .once('secureConnect', () => resolve('connected'))
          .once('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
        socket.once('secureConnect', () => socket.end())
      })
    expect(await attempt(readFileSync(caFile(home)))).toBe('connected')
    expect(await attempt(undefined)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })
})

function caFile(home: string): string {
  const folder = join(home, 'etc/grid-security/certificates')
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.0')) as string)
}
