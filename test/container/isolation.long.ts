import { describe, expect, it } from 'vitest'
import { FiguresBook } from '../../src/container/instance-figures.ts'
import type { InstanceRegistry } from '../../src/container/instance-registry.ts'
import { type IsolationRules, isolationOf } from '../../src/container/isolation-rules.ts'
import { Traffic } from '../../src/container/traffic.ts'
import { startNode } from '../support/node.ts'
import { archiveOf, type TestService } from '../support/test-service.ts'

const rules: IsolationRules = { otherwise: 'process', processes: [], threads: [], archivesChoose: false }
const inThread = (wish: string): TestService => ({
  service: 'Test/Where',
  globals: { isolation: wish },
  body: `async export_where() { return S_OK((await import('node:worker_threads')).isMainThread ? 'process' : 'thread') }`,
})

describe('the isolation of a service', () => {
  it.each([
    ['the default', {}, undefined, 'process'],
    ['another default', { otherwise: 'thread' }, undefined, 'thread'],
    ['not what its archive asks for', {}, 'thread', 'process'],
    ['what its archive asks for where archives have a say', { archivesChoose: true }, 'thread', 'thread'],
    [
      'what its archive asks for, also the stricter',
      { archivesChoose: true, otherwise: 'thread' },
      'process',
      'process',
    ],
    ['what the operator says of it', { threads: ['a'] }, 'process', 'thread'],
    ['what the operator says, not its archive', { archivesChoose: true, processes: ['a'] }, 'thread', 'process'],
    ['the stricter of what the operator says', { processes: ['a'], threads: ['a'] }, undefined, 'process'],
    ['the default when another is named', { threads: ['b'] }, undefined, 'process'],
  ] as const)('is %s', (_what, some, wish, expected) => {
    const manifest = { garId: 'a', ...(wish === undefined ? {} : { isolation: wish }) }
    expect(isolationOf({ ...rules, ...some }, manifest)).toBe(expected)
  })

  it('is where it runs, and is shown', async () => {
    const node = await startNode({ config: { isolation: { ...rules, archivesChoose: true } } })
    expect(await node.deploy(inThread('thread'))).toMatchObject({ outcome: 'done' })
    expect((await node.call('/Test/Where', 'where')).value).toBe('thread')
    expect(node.node.instances(false)).toMatchObject([{ state: 'ready', isolation: 'thread', pid: process.pid }])
    expect(await node.deploy({ ...inThread('process'), version: '2' })).toMatchObject({ outcome: 'done' })
    expect((await node.call('/Test/Where', 'where')).value).toBe('process')
    expect(node.node.instances(false)).toMatchObject([{ state: 'ready', isolation: 'process' }])
  })

  it.each([
    ['process', [4711]],
    ['thread', []],
  ] as const)('%s decides whether what a process uses is told of the service', (isolation, expected) => {
    const incarnation = {
      pid: 4711,
      state: 'ready',
      traffic: new Traffic(),
      spec: { place: { isolation } },
    }
    const live = [{ garId: 'a', manifest: { version: '1' }, incarnation }]
    const registry = { live: () => live, candidates: () => [] } as unknown as InstanceRegistry
    const [figures] = new FiguresBook().instances(registry)
    expect(figures?.processes.map(({ pid }) => pid)).toEqual(expected)
  })

  it('is a process when its archive asks for a thread and has no say', async () => {
    const node = await startNode()
    await node.deploy(inThread('thread'))
    expect((await node.call('/Test/Where', 'where')).value).toBe('process')
  })

  it.each(['none', 'nowhere'])('can not be asked for as %s', async (wish) => {
    const node = await startNode({ config: { isolation: { ...rules, archivesChoose: true } } })
    const { outcome, cause } = await node.deploy(archiveOf(inThread(wish)))
    expect([outcome, cause?.code]).toEqual(['failed', 'DHN_ARCHIVE_NOT_DEPLOYABLE'])
    expect(cause?.message).toContain(wish)
  })
})
