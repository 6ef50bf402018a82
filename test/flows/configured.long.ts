import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import type { Home } from '../../src/store/home.ts'
import { described, garId, handler } from '../support/described.ts'
import { startNode, until } from '../support/node.ts'

const start = (home: Home, config: Partial<ContainerConfig> = {}) => startNode({ home, config })

describe('a service of the configuration alone', () => {
  it('is started again with its changed module, and is what it was when the new one does not come up', async () => {
    const { home, module } = described()
    const { node, call } = await start(home)
    writeFileSync(module, handler(2))
    expect(await node.restart('Samples/Echo').closed).toMatchObject({ outcome: 'done' })
    expect(await call('/Samples/Echo', 'version')).toMatchObject({ value: 2 })
    writeFileSync(module, 'export class EchoHandler {')
    expect(await node.restart('Samples/Echo').closed).toMatchObject({ outcome: 'failed' })
    expect(await call('/Samples/Echo', 'version')).toMatchObject({ value: 2 })
  })

  it('is started again by itself while it is developed', async () => {
    const { home, module } = described()
    const { node, call } = await start(home, { debug: true })
    const before = node.instance(garId).pid
    writeFileSync(module, `${handler(3)}\n`)
    await until(() => ![before, undefined].includes(node.instance(garId).pid), 'it runs in another process')
    expect(await call('/Samples/Echo', 'version')).toMatchObject({ value: 3 })
  })

  it('stays disabled until the node ends, and is what the configuration says at the next start', async () => {
    const { home, configure } = described()
    const first = await start(home)
    await first.node.disable(garId)
    expect(first.node.instance(garId)).toMatchObject({ state: 'disabled', desired: 'disabled' })
    const { id } = first.node.instance(garId)
    await first.stop()
    const second = await start(home)
    expect(second.node.instance(garId)).toMatchObject({ id, state: 'ready', desired: 'ready' })
    await second.stop()
    configure()
    const third = await start(home)
    expect(third.node.list()).toEqual([])
    expect(third.node.instances(true)).toMatchObject([{ garId, state: 'down', deployed: false }])
  })

  it('whose module is not there has failed, and others run', async () => {
    const { home } = described('Lost {', 'Protocol = https', 'HandlerPath = nowhere/LostHandler.js', '}')
    const { node, call } = await start(home, {
      restart: {
        firstDelay: 10,
        longestDelay: 20,
        jitter: 0,
        healthyAfter: 1000,
        giveUp: { failures: 1, within: 1000 },
      },
    })
    expect(node.instance('Samples:Lost')).toMatchObject({
      state: 'failed',
      cause: { code: 'DHN_SERVICE_MODULE_MISSING', message: expect.stringContaining(join(home.root, 'nowhere')) },
    })
    expect(await call('/Samples/Echo', 'version')).toMatchObject({ status: 200 })
  })
})

describe('which services of a configuration are started', () => {
  const others = [
    'Plain {',
    'HandlerPath = /x/PlainHandler.js',
    '}',
    'Archived {',
    'Protocol = https',
    '}',
    'Snake {',
    'Protocol = https',
    'HandlerPath = DIRAC/SnakeHandler.py',
    '}',
  ]

  it('are those with Protocol = https and a module, or those that are named', async () => {
    const { home } = described(...others)
    const all = await start(home)
    expect(all.node.list().map((one) => one.garId)).toEqual([garId])
    await all.stop()
    const named = await start(home, { configuredServices: [] })
    expect(named.node.list()).toEqual([])
  })

  it('are those of a group, and those that have the module of another one', async () => {
    const { home, module } = described(
      ...['All {', 'Protocol = https', 'Load = Second, Samples/All, Third', '}'],
      ...['Second {', 'Module = Echo', 'HandlerPath = /nowhere/SecondHandler.js', '}'],
      ...['Third {', 'Module = Samples/Echo', '}'],
    )
    const { node, call } = await start(home)
    expect(node.list().map((one) => one.garId)).toEqual([garId, 'Samples:Second', 'Samples:Third'])
    expect(await Promise.all(['Second', 'Third'].map((one) => call(`/Samples/${one}`, 'version')))).toMatchObject([
      { value: 1 },
      { value: 1 },
    ])
    expect(module).toMatch(/EchoHandler/)
  })

  it('can not be one that is not described', async () => {
    const { home } = described(...others)
    await expect(start(home, { configuredServices: ['Samples/Archived'] })).rejects.toThrow(
      expect.objectContaining({ code: 'DHN_CONFIGURED_SERVICE_UNKNOWN', known: ['Samples/Echo', 'Samples/Plain'] }),
    )
  })

  it('give way to an archive that serves the same address, and keep others from it', async () => {
    const { home, configure, module } = described()
    configure()
    const archive = await start(home)
    expect(await archive.deploy({ service: 'Samples/Echo' })).toMatchObject({ outcome: 'done' })
    await archive.stop()
    configure('Echo {', 'Protocol = https', `HandlerPath = ${module}`, '}')
    const both = await start(home)
    expect(both.node.instance('samples_echo').state).toBe('ready')
    expect(both.node.instance(garId)).toMatchObject({ state: 'failed', cause: { code: 'DHN_ADDRESS_TAKEN' } })
    await both.node.undeploy('samples_echo').closed
    await both.stop()
    const alone = await start(home)
    expect(await alone.deploy({ service: 'Samples/Echo' })).toMatchObject({
      outcome: 'failed',
      cause: { code: 'DHN_ADDRESS_TAKEN', message: expect.stringContaining('a service of the configuration') },
    })
  })
})
