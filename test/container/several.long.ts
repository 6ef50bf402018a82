import { describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import { startNode, type TestNode, until } from '../support/node.ts'
import type { TestService } from '../support/test-service.ts'

const garId = 'test_who'
const service = (version = '1', globals: TestService['globals'] = { stateless: 'true' }): TestService => ({
  service: 'Test/Who',
  version,
  globals,
  body: `
    export_who() { return S_OK(process.pid) }
    export_die() { process.kill(process.pid, 'SIGKILL') }
    export_slow() { return new Promise((resolve) => setTimeout(() => resolve(S_OK(process.pid)), 5)) }`,
})
const config = (count: number): Partial<ContainerConfig> => ({
  instances: { otherwise: 1, of: new Map([[garId, count]]) },
})
const instance = ({ node }: TestNode) => node.instance(garId)
const placeStates = (node: TestNode) => instance(node).places?.map(({ state }) => state)
const whole = (node: TestNode): boolean => placeStates(node)?.every((state) => state === 'serving') === true

/** Calls without a pause until `end`; resolves with the statuses that aren't 200. */
async function calling(node: TestNode, callers: number, end: Promise<unknown>): Promise<number[]> {
  let goesOn = true
  const failed: number[] = []
  const caller = async (): Promise<void> => {
    while (goesOn) {
      const { status } = await node.call('/Test/Who', 'slow')
      if (status !== 200) failed.push(status)
    }
  }
  const callings = Array.from({ length: callers }, caller)
  await end
  goesOn = false
  await Promise.all(callings)
  return failed
}

describe('a running instance in several processes', () => {
  it('is ready when all are, shows the loss of one, goes on with the others, and has it back', async () => {
    const node = await startNode({ config: config(3) })
    expect(await node.deploy(service())).toMatchObject({ outcome: 'done' })
    expect(instance(node)).toMatchObject({ state: 'ready', isolation: 'process' })
    expect(placeStates(node)).toEqual(['serving', 'serving', 'serving'])
    expect(node.notes(garId).filter((note) => note.includes('ready'))).toHaveLength(3)

    const { places = [] } = instance(node)
    const lost = until(() => !whole(node), 'one is lost').then(() => instance(node))
    const failed = await calling(
      node,
      6,
      (async () => {
        process.kill(places[1]?.pid as number, 'SIGKILL')
        expect(await lost).toMatchObject({
          state: 'ready',
          why: expect.stringContaining('1 of its 3 processes does not serve'),
        })
        await until(() => whole(node), 'all serve again')
      })(),
    )
    // What was inside of the one that was killed, and nothing else.
    expect(failed.length).toBeLessThanOrEqual(2)
    expect(instance(node)).toMatchObject({ state: 'ready', restarts: { count: 0 } })
    expect(instance(node).why).toBeUndefined()
    expect(node.log.join('\n')).toContain('has lost one of its places')
    const { frozen } = await node.node.flight(garId)
    expect(frozen).toMatchObject([{ cause: { code: 'DHN_PLACE_ENDED' } }])
    expect(instance(node).places?.map(({ restarts }) => restarts.count)).toEqual([0, 1, 0])
  })

  it('loses no call when it is replaced under load', async () => {
    const node = await startNode({ config: config(2) })
    await node.deploy(service('1'))
    const before = instance(node).places?.map(({ pid }) => pid)
    const redeployed = (async () => {
      for (const version of ['2', '3']) await node.deploy(service(version))
      await node.node.rollback(garId).closed
    })()
    expect(await calling(node, 8, redeployed)).toEqual([])
    const after = instance(node).places?.map(({ pid }) => pid)
    expect(after).toHaveLength(2)
    expect(after?.some((pid) => before?.includes(pid))).toBe(false)
    for (const pid of before ?? []) expect(() => process.kill(pid as number, 0)).toThrow('ESRCH')
  })

  it('fails when the last one ends, and is started anew whole', async () => {
    const node = await startNode({ config: config(2) })
    await node.deploy(service())
    await Promise.all([node.call('/Test/Who', 'die'), node.call('/Test/Who', 'die')])
    await until(() => instance(node).state === 'ready' && whole(node), 'it is ready again')
    expect(instance(node).restarts.count).toBe(1)
  })
})

describe('a service that does not say that it is stateless', () => {
  it('is not deployed in several processes, and runs in one where nobody names it', async () => {
    const node = await startNode({ config: config(2) })
    const { outcome, cause } = await node.deploy(service('1', {}))
    expect(outcome).toBe('failed')
    expect(cause).toMatchObject({ code: 'DHN_NOT_STATELESS', facts: { garId, instances: 2 } })
    const other = await startNode({ config: { instances: { otherwise: 2, of: new Map() } } })
    expect(await other.deploy(service('1', { stateless: 'false' }))).toMatchObject({ outcome: 'done' })
    expect(instance(other).places).toBeUndefined()
  })

  it('goes on in one process when it is deployed already, which the log says', async () => {
    const node = await startNode()
    await node.deploy(service('1', {}))
    await node.stop()
    const again = await startNode({ home: node.home, config: config(2) })
    expect(instance(again).state).toBe('ready')
    expect(again.log.join('\n')).toContain('DHN_NOT_STATELESS')
  })
})
