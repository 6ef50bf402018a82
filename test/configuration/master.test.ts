import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Master, MasterCredential } from '../../gar/configuration/src/org/diligentproject/configuration/Master.ts'
import { VersionStore } from '../../gar/configuration/src/org/diligentproject/configuration/VersionStore.ts'
import { onlyFileIn, parseCfg } from '../../src/cfg/index.ts'
import { at, packed, plus, serverSettings } from '../support/configuration.ts'
import { temporaryFolder } from '../support/temporary.ts'

const url = 'https://cs.example.org:8443/Configuration/Server'

async function master(folder = temporaryFolder(), options: Parameters<typeof serverSettings>[0] = {}, address = url) {
  const store = new VersionStore('Test', folder)
  const settings = serverSettings({ Master: true, Name: 'Test', ...options })
  const server = new Master(settings, store, address, new MasterCredential())
  await server.start()
  onTestFinished(() => server.stop())
  return { folder, store, server }
}

const committersOf = (store: VersionStore) => store.history().map(({ committer }) => committer)

describe('the master of a configuration', () => {
  it('begins with a version of its own that lists it', async () => {
    const { store, folder } = await master()
    const { root, version } = store.served
    expect(version).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
    expect(
      ['Name', 'Version', 'Servers', 'MasterServer'].map((name) => at(root, `/DIRAC/Configuration/${name}`)),
    ).toEqual(['Test', version, url, url])
    await master(folder)
    expect(store.served.version).toBe(version)
  })

  it('lists its new address, and no longer the old one, when that has changed', async () => {
    const { folder } = await master()
    const moved = await master(folder, {}, 'https://other.example.org:8443/Configuration/Server')
    expect(at(moved.store.served.root, '/DIRAC/Configuration/Servers')).not.toContain('cs.example.org')
    expect(moved.store.history()).toHaveLength(2)
  })

  it('takes a configuration that was there before', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'Test.cfg'), 'Resources {\n Sites = 1\n}\n')
    const { store } = await master(folder)
    expect(at(store.served.root, '/Resources/Sites')).toBe('1')
  })
})

describe('a commit', () => {
  it('is the next version, with an archive under the name of who committed', async () => {
    const { server, store, folder } = await master()
    const before = store.served
    expect(await server.commit(packed(plus(before.root, 'A = 1')), 'alice')).toMatchObject({ OK: true })
    const { root, version } = store.served
    expect(version > before.version && at(root, '/A') === '1').toBe(true)
    expect(at(root, '/DIRAC/Configuration/Version')).toBe(version)
    expect(committersOf(store)).toEqual(['alice', 'ConfigurationServer'])
    const [year, month] = version.split('-') as [string, string]
    const zip = readFileSync(join(folder, 'csbackup', year, month, `Test.alice@${version}.zip`))
    expect(onlyFileIn(zip).toString()).toBe(readFileSync(join(folder, 'Test.cfg'), 'utf8'))
  })

  it.each([
    [
      'of another version',
      plus(parseCfg('DIRAC {\nConfiguration {\nName = Test\nVersion = 0\n}\n}'), 'A = 1'),
      /versions differ/,
    ],
    ['that is no configuration', Buffer.from('x'), /end of file/],
  ])('%s is refused and changes nothing', async (_, changed, message) => {
    const { server, store } = await master()
    const before = store.served.version
    const data = Buffer.isBuffer(changed) ? changed : packed(changed)
    expect(await server.commit(data, 'alice')).toMatchObject({ OK: false, Message: expect.stringMatching(message) })
    expect(store.served.version).toBe(before)
  })

  it('of a configuration of another name is refused', async () => {
    const { server, store } = await master()
    const other = plus(store.served.root, 'DIRAC/Configuration/Name = Other')
    expect(await server.commit(packed(other), 'alice')).toMatchObject({
      Message: 'Names differ: Server is Test and remote is Other',
    })
  })

  it('that blows up when it is unpacked is refused', async () => {
    const { server } = await master()
    expect(await server.commit(deflateSync(Buffer.alloc(33 * 1024 * 1024, '\n')), 'alice')).toMatchObject({ OK: false })
  })

  it('side by side with others is one of theirs: one is taken, the others are of another version then', async () => {
    const { server, store } = await master()
    const data = packed(plus(store.served.root, 'A = 1'))
    const answers = await Promise.all(['a', 'b', 'c'].map((who) => server.commit(data, who)))
    expect(answers.filter(({ OK }) => OK)).toHaveLength(1)
    expect(store.history()).toHaveLength(2)
  })

  it('is seen by another process that serves the same folder, and keeps it from committing over it', async () => {
    const first = await master()
    const second = await master(first.folder)
    const base = second.store.served.root
    expect(await first.server.commit(packed(plus(base, 'A = 1')), 'a')).toMatchObject({ OK: true })
    expect(at(second.store.served.root, '/A')).toBe('1')
    expect(await second.server.commit(packed(plus(base, 'A = 2')), 'b')).toMatchObject({ OK: false })
  })

  it('gets a version after the one before, also while the clock is behind', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'Test.cfg'), 'DIRAC {\nConfiguration {\nVersion = 2999-12-31 23:59:59.999999\n}\n}\n')
    const { store } = await master(folder)
    expect(store.served.version).toBe('3000-01-01 00:00:00.000000')
  })
})

describe('with EnableAutoMerge a commit of an older version', () => {
  const started = async () => {
    const one = await master(temporaryFolder(), { EnableAutoMerge: 'yes' })
    await one.server.commit(packed(plus(one.store.served.root, 'A = 1', 'S {', 'B = 1', '}')), 'alice')
    const old = one.store.served.root
    await one.server.commit(packed(plus(old, 'S/B = 2', 'N {', 'New = 1', '}')), 'bob')
    return { ...one, old }
  }

  it('is merged with what others have changed since', async () => {
    const { server, store, old } = await started()
    expect(await server.commit(packed(plus(old, 'A = 3', 'S/C = 1')), 'carol')).toMatchObject({ OK: true })
    const { root } = store.served
    expect(['/A', '/S/B', '/S/C', '/N/New'].map((path) => at(root, path))).toEqual(['3', '2', '1', '1'])
  })

  it('that changes the same option otherwise is refused', async () => {
    const { server, store, old } = await started()
    const { version } = store.served
    expect(await server.commit(packed(plus(old, 'S/B = 3')), 'carol')).toMatchObject({
      Message: 'AutoMerge failed: /S/B has been changed by both',
    })
    expect(store.served.version).toBe(version)
  })

  it('of which no archive is kept is refused', async () => {
    const { server, old } = await started()
    const lost = plus(old, 'DIRAC/Configuration/Version = 2000-01-01 00:00:00.000000')
    expect(await server.commit(packed(lost), 'carol')).toMatchObject({
      Message: expect.stringContaining('is not kept'),
    })
  })
})

describe('a process that was killed', () => {
  it('before the commit leaves nothing of it, after it everything', async () => {
    const { server, store, folder } = await master()
    await server.commit(packed(plus(store.served.root, 'A = 1')), 'alice')
    const [kept] = store.history()
    const coming = join(folder, 'csbackup', '.coming')
    const archive = readFileSync(kept?.file as string)
    rmSync(kept?.file as string)
    writeFileSync(join(coming, `Test.alice@${kept?.version}.zip`), archive)
    writeFileSync(join(coming, 'Test.bob@2999-01-01 00:00:00.000000.zip'), archive)
    writeFileSync(join(folder, '.lock'), `${process.pid} 1`)
    const again = await master(folder)
    expect(committersOf(again.store)).toEqual(['alice', 'ConfigurationServer'])
    expect(readdirSync(coming)).toEqual([])
  })
})

describe('what is kept of a version', () => {
  it('can be served again', async () => {
    const { server, store } = await master()
    await server.commit(packed(plus(store.served.root, 'A = 1')), 'alice')
    const { version } = store.served
    await server.commit(packed(plus(store.served.root, 'A = 2')), 'bob')
    const old = store.contents(version)
    expect(await server.commit(packed(old ?? parseCfg('')), 'carol', true)).toMatchObject({ OK: true })
    expect(at(store.served.root, '/A')).toBe('1')
    expect(committersOf(store).slice(0, 3)).toEqual(['carol', 'bob', 'alice'])
    expect(store.contents('2000-01-01 00:00:00.000000')).toBeUndefined()
  })
})
