import { afterEach, describe, expect, it } from 'vitest'
import * as sdk from '../../src/service/index.ts'

const { gCubeStartupManager, Logger, NAL, offlineNode, S_ERROR, S_OK, SimpleCredentialsListener } = sdk

const callback = (told: string[] = []): sdk.gCubeRIStateICallback => ({
  ready: () => void told.push('ready'),
  failed: () => void told.push('failed'),
  disabled: () => void told.push('disabled'),
  redeployed: () => void told.push('redeployed'),
})

describe('a service without a node', () => {
  afterEach(() => offlineNode().close())

  it('can be registered before the test makes a node, and tested with it', async () => {
    const told: string[] = []
    gCubeStartupManager.registerRI('Samples', 'Counter', callback(told))
    const node = offlineNode({
      jndi: { 'java:comp/env/services/Samples/Counter/step': 2 },
      addresses: { 'Samples/Echo': 'http://localhost:1/Samples/Echo' },
      riId: 'ri',
    })
    expect(node.registered).toMatchObject([{ serviceClass: 'Samples', serviceName: 'Counter', credentials: 'none' }])
    await node.registered[0]?.callback.ready()
    expect(told).toEqual(['ready'])
    expect(NAL.lookup('services/Samples/Counter/step', 'number')).toBe(2)
    expect(NAL.getRIID()).toBe('ri')
    expect(await NAL.getAddress('Samples/Echo')).toBe('http://localhost:1/Samples/Echo')
    await expect(NAL.getAddress('Samples/X')).rejects.toMatchObject({
      code: 'DHN_ADDRESS_UNKNOWN',
      service: 'Samples/X',
    })
    await NAL.setState('disabled', 'database away')
    expect(node.states).toEqual([{ state: 'disabled', reason: 'database away' }])
  })

  it('can be refused a change of state by the test', async () => {
    const node = offlineNode({
      setState() {
        throw new sdk.TransitionIllegal('down', 'ready')
      },
    })
    await expect(NAL.setState('ready')).rejects.toBeInstanceOf(sdk.TransitionIllegal)
    expect(node.states).toEqual([])
  })

  it('is handed credentials by the test', async () => {
    const delivered: unknown[] = []
    class Simple extends SimpleCredentialsListener {
      override credentialsDelivered(credential: sdk.Credential): void {
        delivered.push(credential)
      }
    }
    class Multiple extends sdk.MultipleCredentialsListener {
      override credentialsDelivered(scope: string, credential: sdk.Credential): void {
        delivered.push(scope, credential)
      }
    }
    const node = offlineNode()
    gCubeStartupManager.registerRI('A', 'Simple', callback(), new Simple())
    await node.deliverCredentials('PEM')
    gCubeStartupManager.registerRI('A', 'Multiple', callback(), new Multiple())
    await node.deliverCredentials('PEM', '/vo')
    expect(delivered).toEqual([{ pem: 'PEM' }, '/vo', { pem: 'PEM' }])
  })

  it('says so when it asks for its node', () => {
    expect(() => NAL.getRIID()).toThrow(sdk.OutsideNode)
    expect(() => NAL.lookup('x')).toThrow(expect.objectContaining({ code: 'DHN_OUTSIDE_NODE' }))
  })

  it('is the same with a second copy of the SDK', async () => {
    // A query makes another module of the same file.
    const another = new URL('../../src/service/startup-manager.ts?copy', import.meta.url)
    const copy = (await import(another.href)) as typeof sdk
    expect(copy.gCubeStartupManager).not.toBe(gCubeStartupManager)
    const node = offlineNode()
    copy.gCubeStartupManager.registerRI('A', 'B', callback())
    gCubeStartupManager.registerRI('A', 'B', callback())
    expect(node.registered).toHaveLength(1)
  })
})

describe('a return structure', () => {
  it.each([
    [S_OK(), { OK: true, Value: null }],
    [S_OK(0), { OK: true, Value: 0 }],
    [S_ERROR(), { OK: false, Errno: 0, Message: '' }],
    [S_ERROR('no'), { OK: false, Errno: 0, Message: 'no' }],
    [S_ERROR(13), { OK: false, Errno: 13, Message: 'Permission denied ( 13 : )' }],
    [S_ERROR(1111, 'x'), { OK: false, Errno: 1111, Message: 'Unauthorized query ( 1111 : x)' }],
    [S_ERROR(4711, 'x'), { OK: false, Errno: 4711, Message: 'Unknown error 4711 ( 4711 : x)' }],
  ])('%j', (structure, expected) => {
    expect(structure).toEqual(expected)
  })
})

describe('a logger', () => {
  it('writes time, level, name and message in a line, and more lines indented', () => {
    const lines: string[] = []
    const log = new Logger('Samples/Counter', (text) => lines.push(text))
    log.info('starts at 5')
    log.warn('a\r\nb\rc')
    log.error('failed', new Error('no database'))
    log.debug('thrown', 'text')
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO {2}Samples\/Counter: starts at 5\n$/)
    expect(lines[1]).toMatch(/Z WARN {2}Samples\/Counter: a\n {2}b\n {2}c\n$/)
    expect(lines[2]).toMatch(/Z ERROR Samples\/Counter: failed\n {2}Error: no database\n {6}at /)
    expect(lines[3]).toMatch(/Z DEBUG Samples\/Counter: thrown\n {2}text\n$/)
  })
})
