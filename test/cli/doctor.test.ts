import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkCertificate } from '../../src/cli/doctor/check-certificate.ts'
import { checkFronts } from '../../src/cli/doctor/check-fronts.ts'
import { checkIsolation } from '../../src/cli/doctor/check-isolation.ts'
import { checkNodeVersion } from '../../src/cli/doctor/check-machine.ts'
import { checkRules, checkTrust } from '../../src/cli/doctor/check-trust.ts'
import type { Finding } from '../../src/cli/doctor/finding.ts'
import { readDoors } from '../../src/config.ts'
import type { FrontView } from '../../src/container/views.ts'
import { Home } from '../../src/store/home.ts'
import { lockHome } from '../../src/store/lock.ts'
import { Store } from '../../src/store/store.ts'
import { commandLine } from '../support/command-line.ts'
import { dhn } from '../support/dhn.ts'
import { initializedHomes } from '../support/home.ts'
import { ownCa } from '../support/own-ca.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { deploymentView, frontView, instanceView, lostFront, nodeView } from '../support/views.ts'

const homes = initializedHomes()

/** A new home, its HTTPS port one that no other program has, fit to be run by root as well. */
function newHome(): Home {
  const home = new Home(homes())
  setPort(home, 0)
  setOption(home, 'User', '65534:65534')
  return home
}

function setPort(home: Home, port: number): void {
  const file = home.etc('dhn.cfg')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\s*)#?\s*Port = (8443|0)$/m, `$1Port = ${port}`))
}

function setOption(home: Home, name: string, value: string): void {
  const file = home.etc('dhn.cfg')
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(new RegExp(`^(\\s*)#?${name} =.*$`, 'm'), `$1${name} = ${value}`),
  )
}

async function doctor(home: Home): Promise<{ code: number | null; findings: readonly Finding[] }> {
  const { code, stdout } = await commandLine(['doctor', '--json'], { home: home.root })
  return { code, findings: JSON.parse(stdout) }
}

const of = (findings: readonly Finding[], check: string) => findings.filter((finding) => finding.check === check)

describe('the doctor', () => {
  it('finds nothing wrong with a new home, and leaves it as it was', async () => {
    const { root } = newHome()
    const { code, stdout } = await dhn(['doctor'], { home: root })
    expect(stdout).not.toMatch(/^(warn|fail)/m)
    expect(stdout).toMatch(/^ok {4}certificate {4}.*CN=localhost/m)
    expect(code).toBe(0)
  })

  it('says of a home that is none that there is none', async () => {
    expect(await commandLine(['doctor'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DHN_NODE_NOT_RUNNING'),
    })
  })

  it('finds a process that has the home and does not answer', async () => {
    const place = newHome()
    const lock = await lockHome(place)
    const { code, findings } = await doctor(place)
    await lock.release()
    expect(of(findings, 'process')).toEqual([
      {
        check: 'process',
        level: 'fail',
        message: `process ${process.pid} has the home and doesn't answer`,
        next: `wait if it is starting; else end it: kill ${process.pid}`,
      },
    ])
    expect(code).toBe(1)
  })

  it('finds a key that others can read, and a certificate that is not its own', async () => {
    const place = newHome()
    const key = place.etc('grid-security', 'hostkey.pem')
    chmodSync(key, 0o644)
    writeFileSync(
      key,
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    )
    const { code, findings } = await doctor(place)
    expect(of(findings, 'home')).toMatchObject([{ level: 'warn', next: `take rights away: chmod 600 ${key}` }])
    expect(of(findings, 'certificate')).toMatchObject([
      { level: 'fail', message: expect.stringContaining("isn't the key of") },
    ])
    expect(code).toBe(1)
  })

  it('tells of a certificate before it expires, and after', async () => {
    const place = newHome()
    const doors = readDoors(place.root)
    const day = 24 * 60 * 60 * 1000
    const at = (now: number) =>
      checkCertificate({ home: place, doors, node: undefined, deployed: [], now }) as Finding[]
    const [fine] = at(Date.now())
    const until = Date.parse(/until (\S+)/.exec(fine?.message ?? '')?.[1] ?? '')
    expect(fine?.level).toBe('ok')
    expect(at(until - 10.5 * day)).toMatchObject([
      { level: 'warn', message: expect.stringContaining('expires in 10 days') },
    ])
    expect(at(until + day)).toMatchObject([{ level: 'fail', message: expect.stringContaining('has expired') }])
    expect(at(0)).toMatchObject([{ level: 'fail', message: expect.stringContaining('valid only from') }])
  })

  it('finds a port that another program has', async () => {
    const place = newHome()
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, resolve))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    setPort(place, port)
    const { findings } = await doctor(place)
    expect(of(findings, 'ports')).toMatchObject([
      { level: 'fail', message: `port ${port} is taken by another program` },
    ])
  })

  it('finds what should be deployed and is not there, what is left over, and what is half made', async () => {
    const place = newHome()
    const digest = 'd'.repeat(64)
    const store = await Store.open(place.var('store'))
    await store.commit({ live: { garId: 'gone', live: 1, digest, mode: 'open', desired: 'ready' } })
    await store.close()
    mkdirSync(place.deployments('stray'))
    mkdirSync(place.staging('8f14e45f'), { recursive: true })
    const { code, findings } = await doctor(place)
    expect(of(findings, 'store')).toMatchObject([{ level: 'ok' }])
    expect(of(findings, 'deployments')).toMatchObject([
      { level: 'fail', next: 'deploy gone again' },
      { level: 'warn', message: 'stray: not deployed, and still there' },
    ])
    expect(of(findings, 'staging')).toMatchObject([{ level: 'warn' }])
    expect(code).toBe(1)
  })

  it('finds a store that cannot be read, and a configuration that cannot', async () => {
    const place = newHome()
    mkdirSync(place.var('store'), { recursive: true })
    writeFileSync(place.var('store', 'data.mdb'), 'not a store'.repeat(1000))
    writeFileSync(place.etc('dhn.cfg'), 'DHN {')
    const { findings } = await doctor(place)
    expect(of(findings, 'store')).toMatchObject([{ level: 'fail' }])
    expect(of(findings, 'configuration')).toMatchObject([
      { level: 'fail', message: expect.stringContaining('dhn.cfg') },
    ])
    expect(of(findings, 'ports')).toEqual([])
  })

  it('finds a home whose socket would have too long a name, and a Node that is too old', async () => {
    const root = join(temporaryFolder(), 'x'.repeat(100))
    renameSync(newHome().root, root)
    const { findings } = await doctor(new Home(root))
    expect(of(findings, 'home')).toMatchObject([{ level: 'fail', next: 'use a home with a shorter path' }])
    expect(checkNodeVersion(undefined, '18.20.0')).toMatchObject([{ level: 'fail' }])
  })
})

describe('the doctor of callers', () => {
  const day = 24 * 60 * 60 * 1000
  const patient = (home: Home, now = Date.now()) => ({
    home,
    doors: readDoors(home.root),
    node: nodeView(),
    deployed: [],
    now,
  })

  it('looks at each CA and its revocation list, and how long they last', async () => {
    const home = newHome()
    const trust = home.etc('grid-security', 'certificates')
    expect(await checkTrust(patient(home))).toEqual([{ check: 'trust', level: 'ok', message: expect.any(String) }])
    const ca = ownCa()
    ca.publish(trust)
    expect(await checkTrust(patient(home, Date.now() + 1.5 * day))).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: expect.stringMatching(/^the revocation list of .*Own CA expired/),
      }),
      expect.objectContaining({ message: expect.stringMatching(/^the certificate authority of .*Own CA expires/) }),
    ])
    ca.halfWrite(trust)
    expect(await checkTrust(patient(home))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ message: expect.stringContaining('.r0 can') }),
        expect.objectContaining({ message: expect.stringContaining('has no revocation list') }),
      ]),
    )
  })

  it('fails without a trust directory', async () => {
    const home = newHome()
    renameSync(home.etc('grid-security', 'certificates'), home.etc('grid-security', 'elsewhere'))
    expect(await checkTrust(patient(home))).toEqual([expect.objectContaining({ level: 'fail', check: 'trust' })])
  })

  it('names the methods of secure services that nobody has a rule for', () => {
    const deployed = [deploymentView({ instance: instanceView({ withoutRule: ['Samples/Echo.echo'] }) })]
    expect(checkRules({ ...patient(newHome()), deployed })).toEqual([
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('Samples/Echo.echo') }),
    ])
  })

  it('says how many fronts serve when those are fewer than there are to be', () => {
    const { node, ...other } = patient(newHome())
    const found = (...fronts: FrontView[]) => checkFronts({ ...other, node: { ...node, fronts } })[0]
    expect(checkFronts({ ...other, node })).toEqual([])
    expect(found(frontView(), frontView())).toEqual({ check: 'fronts', level: 'ok', message: 'all 2 serve' })
    expect(found(frontView(), lostFront)).toMatchObject({
      level: 'warn',
      message: '1 of 2 serve: a front process ended: SIGKILL',
    })
    expect(found(lostFront)).toMatchObject({ level: 'fail' })
  })

  it('warns of services that run as root', () => {
    const { node: _, ...stopped } = patient(newHome())
    const doors = { ...stopped.doors, hasServiceUser: false }
    const levels = (user: number, over: object): string[] =>
      checkIsolation({ ...stopped, node: undefined, ...over }, () => user).map(({ level }) => level)
    expect(levels(0, { doors })).toEqual(['warn'])
    expect(levels(0, {})).toEqual(['ok'])
    expect(levels(1000, { doors })).toEqual(['ok'])
  })
})
