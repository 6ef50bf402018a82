import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { open } from 'lmdb'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { armFailpoints } from '../../src/store/failpoint.ts'
import type { DeploymentRecord, VersionRecord } from '../../src/store/records.ts'
import { Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'

const at = '2026-01-02T03:04:05.678Z'
const live = (garId: string, number: number): DeploymentRecord => ({
  garId,
  live: number,
  digest: `digest-${number}`,
  mode: 'open',
  desired: 'ready',
})
const version = (garId: string, number: number, verdict: 'ready' | 'failed' = 'ready'): VersionRecord => ({
  garId,
  number,
  digest: `digest-${number}`,
  mode: 'open',
  version: `1.${number}`,
  archive: `${garId}.gar`,
  verdict,
  at,
  operation: `operation-${number}`,
})
const report = (id: string, startedAt = at) => ({ id, startedAt, status: 'CLOSED' })

async function opened(directory = join(temporaryFolder(), 'store'), dhn = '0.1.0'): Promise<Store> {
  const store = await Store.open(directory, { dhn })
  onTestFinished(() => store.close())
  return store
}

afterEach(() => armFailpoints(''))

describe('the store', () => {
  it('shows what was committed, and shows it again when it is opened again', async () => {
    const directory = join(temporaryFolder(), 'store')
    const instance = { garId: 'echo', id: 'u-u-i-d', state: 'ready', since: at }
    const stubs = [{ package: 'Samples/Echo/stubs', version: '1.0', digest: 'd', importName: 'echo-stubs' }]
    const first = await opened(directory)
    expect(first.stubs()).toEqual([])
    await first.commit({ live: live('echo', 1), version: version('echo', 1), instance, report: report('a'), stubs })
    const shown = (store: Store) => ({
      nodeId: store.nodeId,
      deployments: store.deployments(),
      deployment: store.deployment('echo'),
      history: store.history('echo'),
      instance: store.instance('echo'),
      instances: store.instances(),
      reports: store.reports(10),
      report: store.report('a'),
      stubs: store.stubs(),
    })
    const before = shown(first)
    expect(before).toMatchObject({
      deployments: [live('echo', 1)],
      deployment: live('echo', 1),
      history: [version('echo', 1)],
      instance,
      instances: [instance],
      reports: [report('a')],
      report: report('a'),
      stubs,
    })
    await first.close()
    expect(shown(await opened(directory))).toEqual(before)
  })

  it('forgets the desired state of what is gone, and keeps its history and the end of its instance', async () => {
    const store = await opened()
    const instance = { garId: 'echo', id: 'u-u-i-d', state: 'down', since: at }
    await store.commit({
      live: [live('echo', 1), live('tally', 1)],
      version: [version('echo', 1), version('tally', 1)],
    })
    await store.commit({ gone: 'echo', instance })
    expect(store.deployments()).toEqual([live('tally', 1)])
    expect(store.deployment('echo')).toBeUndefined()
    expect(store.history('echo')).toHaveLength(1)
    expect(store.instance('echo')).toEqual(instance)
  })

  it('keeps GARs apart whose names begin alike', async () => {
    const store = await opened()
    const names = ['a', 'ab', 'a b', 'a-b', 'a.b', 'ä', 'a\u{1f600}']
    await store.commit({ version: names.flatMap((name, index) => [version(name, 2 + index), version(name, 1)]) })
    for (const [index, name] of names.entries()) {
      expect(store.history(name).map(({ garId, number }) => [garId, number])).toEqual([
        [name, 2 + index],
        [name, 1],
      ])
    }
    expect(store.histories()).toHaveLength(14)
  })

  it('sorts versions by number and reports by time, newest first', async () => {
    const store = await opened()
    for (const number of [9, 10, 11, 1, 2]) await store.commit({ version: version('echo', number) })
    expect(store.history('echo').map(({ number }) => number)).toEqual([11, 10, 9, 2, 1])
    await store.commit({ report: [report('z', '2026-01-01T00:00:00.000Z'), report('a', '2026-01-03T00:00:00.000Z')] })
    await store.commit({ report: report('m', '2026-01-02T00:00:00.000Z') })
    expect(store.reports(2).map(({ id }) => id)).toEqual(['a', 'm'])
  })

  it('gives each number once, also while its version is still being made', async () => {
    const store = await opened()
    expect([store.nextNumber('echo'), store.nextNumber('echo'), store.nextNumber('tally')]).toEqual([1, 2, 1])
    await store.commit({ version: version('echo', 7) })
    expect([store.nextNumber('echo'), store.nextNumber('echo')]).toEqual([8, 9])
  })

  it('keeps the last 50 versions, and however old they are the live one and the one to roll back to', async () => {
    const store = await opened()
    await store.commit({ version: [version('echo', 1), version('echo', 2), version('echo', 3)] })
    await store.commit({ live: live('echo', 3) })
    for (let number = 4; number <= 60; number++) await store.commit({ version: version('echo', number, 'failed') })
    const numbers = store.history('echo').map(({ number }) => number)
    expect(numbers).toEqual([...Array.from({ length: 50 }, (_, i) => 60 - i), 3, 2])
  })

  it('keeps the last 200 reports', async () => {
    const store = await opened()
    const many = Array.from({ length: 230 }, (_, i) => report(`r${i}`, new Date(i * 1_000).toISOString()))
    await store.commit({ report: many })
    expect(store.reports()).toHaveLength(200)
    expect(store.reports()[0]?.id).toBe('r229')
    expect([store.report('r29'), store.report('r30')?.id]).toEqual([undefined, 'r30'])
  })

  it('replaces a report that goes on', async () => {
    const store = await opened()
    await store.commit({ report: { ...report('a'), status: 'OPEN' } as never })
    await store.commit({ report: report('a') })
    expect(store.reports()).toEqual([report('a')])
  })

  it('keeps the order of changes that come together', async () => {
    const store = await opened()
    const changes = Array.from({ length: 100 }, (_, i) => store.commit({ live: live('echo', i) }))
    await Promise.all(changes)
    expect(store.deployment('echo')?.live).toBe(99)
  })

  it('writes a noted change without being waited for, before it closes at the latest', async () => {
    const directory = join(temporaryFolder(), 'store')
    const store = await Store.open(directory)
    for (let i = 0; i < 10; i++) store.note({ instance: { garId: 'echo', id: 'u', state: `s${i}`, since: at } })
    await store.close()
    expect((await opened(directory)).instance('echo')?.state).toBe('s9')
  })

  it.each(['enospc', 'eio'])('has nothing of a change that could not be written (%s), and goes on', async (failure) => {
    const store = await opened()
    armFailpoints(`store.commit=${failure}`)
    await expect(store.commit({ live: live('echo', 1), version: version('echo', 1) })).rejects.toMatchObject({
      code: 'DHN_STORE_FAILED',
      cause: { code: failure.toUpperCase() },
    })
    expect([store.deployments(), store.history('echo')]).toEqual([[], []])
    await store.commit({ live: live('echo', 1) })
    expect(store.deployments()).toHaveLength(1)
  })
})

describe('a store on a disk that is full', () => {
  // A limit of the system for the size of files stands for the disk: lmdb itself meets it.
  it('refuses what it has no room for, is as it was before, and goes on when there is room', async () => {
    const fixture = fileURLToPath(new URL('../fixtures/store-on-full-disk.mjs', import.meta.url))
    const words = ['--fsize=300000:unlimited', process.execPath, fixture, join(temporaryFolder(), 'store')]
    const child = spawn('prlimit', words, { stdio: ['pipe', 'pipe', 'ignore'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const next = async () => JSON.parse((await lines.next()).value ?? '{}') as unknown
    expect(await next()).toEqual({
      code: 'DHN_STORE_FAILED',
      cause: expect.stringMatching(/^Input.output error|too large/),
      same: true,
    })
    execFileSync('prlimit', [`--pid=${child.pid}`, '--fsize=unlimited'])
    child.stdin.write('there is room')
    expect(await next()).toEqual({ newest: 'report-9' })
  })
})

describe('opening a store', () => {
  it('makes the id of the node once', async () => {
    const directory = join(temporaryFolder(), 'store')
    const first = await opened(directory)
    expect(first.nodeId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    await first.close()
    expect((await opened(directory)).nodeId).toBe(first.nodeId)
  })

  it('writes down which dhn and which Node wrote it, and says what did before when that was another', async () => {
    const directory = join(temporaryFolder(), 'store')
    const first = await opened(directory, '0.1.0')
    expect([first.node, first.before]).toMatchObject([{ format: 1, dhn: '0.1.0', node: process.version }, undefined])
    await first.close()
    const second = await opened(directory, '0.2.0')
    expect([second.node.dhn, second.before]).toEqual(['0.2.0', { dhn: '0.1.0', node: process.version }])
    await second.close()
    expect((await opened(directory, '0.2.0')).before).toBeUndefined()
  })

  it('refuses one of a newer format and leaves it as it is', async () => {
    const directory = join(temporaryFolder(), 'store')
    const newer = { format: 2, nodeId: 'n', createdAt: at, dhn: '3.0.0', node: 'v26.0.0' }
    const database = open({ path: directory, noSubdir: false, encoding: 'json' })
    await database.put(['node'], newer)
    await database.close()
    await expect(Store.open(directory, { dhn: '0.1.0' })).rejects.toMatchObject({
      code: 'DHN_STORE_NEWER',
      format: 2,
      known: 1,
      writtenBy: '3.0.0',
    })
    const after = open({ path: directory, noSubdir: false, encoding: 'json' })
    expect(after.get(['node'])).toEqual(newer)
    await after.close()
  })

  it('refuses a file that is none or is damaged, and says so instead of ending the process', async () => {
    const directory = join(temporaryFolder(), 'store')
    const store = await opened(directory)
    for (let number = 1; number <= 200; number++) await store.commit({ version: version(`gar-${number}`, number) })
    await store.close()
    const file = join(directory, 'data.mdb')
    const sound = readFileSync(file)
    const damaged = [
      [Buffer.alloc(8192, 'not a store '), 'it is no lmdb file'],
      [Buffer.from('short'), 'it is no lmdb file'],
      [sound.subarray(0, 4096), 'its second page is damaged'],
      [sound.subarray(0, 8192), 'it is cut short'],
    ] as const
    for (const [bytes, reason] of damaged) {
      writeFileSync(file, bytes)
      await expect(Store.open(directory)).rejects.toMatchObject({
        code: 'DHN_STORE_UNREADABLE',
        message: `the store ${directory} can't be opened: ${reason}`,
      })
    }
    writeFileSync(file, sound)
    expect((await opened(directory)).histories()).toHaveLength(200)
  })

  it('refuses a folder that it can not make', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'var'), '')
    await expect(Store.open(join(folder, 'var', 'store'))).rejects.toMatchObject({ code: 'DHN_STORE_UNREADABLE' })
  })
})
