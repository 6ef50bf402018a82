import { describe, expect, it } from 'vitest'
import type { InstanceView, NodeView } from '../../src/container/views.ts'
import { readinessOf } from '../../src/transport/readiness.ts'
import { call, openDoors, rawConnection } from '../support/doors.ts'
import { FakeNode, instanceView, nodeView } from '../support/fake-node.ts'
import { until } from '../support/node.ts'

const now = Date.parse('2026-01-01T00:01:00Z')
const running: NodeView = { ...nodeView, state: 'running', startedAt: '2026-01-01T00:00:00Z' }
const views = (states: Readonly<Record<string, string>>): InstanceView[] =>
  Object.entries(states).map(([garId, state]) => ({ ...instanceView, garId, state }))
const ask = (needs: readonly string[], instances: readonly InstanceView[], node = running, leaving = false) =>
  readinessOf(node, instances, { needs, start: 30_000, settle: 0 }, { leaving, now })

describe('readiness', () => {
  const some = views({ echo: 'ready', counter: 'failed' })

  it('is that of the node alone unless more is asked for, and shows each instance', () => {
    expect(ask(['node'], some)).toEqual({
      ready: true,
      policy: ['node'],
      node: 'running',
      instances: [
        { garId: 'echo', name: 'Samples/Echo', state: 'ready', needed: false },
        { garId: 'counter', name: 'Samples/Echo', state: 'failed', needed: false },
      ],
    })
  })

  it('can be that of every instance that is not disabled by an operator', () => {
    expect(ask(['all'], some)).toMatchObject({ ready: false, why: 'counter is failed' })
    expect(ask(['all'], views({ echo: 'ready' }))).toMatchObject({ ready: true })
    const disabled = { ...instanceView, garId: 'off', state: 'disabled', desired: 'disabled' } as const
    expect(ask(['all'], [disabled])).toMatchObject({ ready: true, instances: [{ needed: false }] })
  })

  it('can be that of some instances, which must be deployed', () => {
    expect(ask(['echo'], some)).toMatchObject({ ready: true })
    expect(ask(['echo', 'counter'], some)).toMatchObject({ ready: false, why: 'counter is failed' })
    expect(ask(['node', 'tally'], some)).toMatchObject({ ready: false, why: 'tally is not deployed' })
  })

  it('waits for the instances of a node that starts, but not for ever: one that is stuck delays nobody', () => {
    const starting = { ...running, state: 'starting' } as const
    expect(ask(['node'], some, { ...starting, startedAt: '2026-01-01T00:00:40Z' })).toMatchObject({
      ready: false,
      why: 'the node starts',
    })
    expect(ask(['node'], some, starting)).toMatchObject({ ready: true, node: 'starting' })
  })

  it('ends when the node is about to stop', () => {
    expect(ask(['node'], some, running, true)).toMatchObject({ ready: false, why: 'the node stops', node: 'stopping' })
    expect(ask(['node'], some, { ...running, state: 'stopping' })).toMatchObject({ ready: false })
  })
})

describe('the doors', () => {
  it('say that the process lives', async () => {
    const { http } = await openDoors()
    const response = await fetch(`${http}/healthz`)
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(await response.json()).toEqual({ alive: true, uptime: expect.any(Number) })
    expect((await fetch(`${http}/healthz`, { method: 'HEAD' })).status).toBe(200)
  })

  it('say whether the node is ready', async () => {
    const ready = await openDoors()
    const response = await fetch(`${ready.http}/readyz`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ ready: true, instances: [{ garId: 'samples_echo' }] })
    const health = { needs: ['samples_echo'], start: 1, settle: 0 }
    const other = await openDoors(undefined, {}, { health })
    const not = await fetch(`${other.http}/readyz`)
    expect([not.status, await not.json()]).toMatchObject([503, { ready: false, why: 'samples_echo is failed' }])
  })

  it('that are to be shut say so first, and serve calls as ever for the time that takes to be seen', async () => {
    const health = { needs: ['node'], start: 1, settle: 60_000 }
    const settled = await openDoors(undefined, {}, { health: { ...health, settle: 300 } }, new FakeNode())
    const kept = await rawConnection(settled.httpPort)
    const stopped = settled.doors.stop()
    const response = await fetch(`${settled.http}/readyz`)
    expect([response.status, await response.json()]).toMatchObject([503, { why: 'the node stops' }])
    const served = await fetch(`${settled.http}/Samples/Echo`, {
      method: 'POST',
      body: new URLSearchParams(call('ping')),
    })
    expect([served.status, served.headers.get('connection')]).toEqual([200, 'keep-alive'])
    expect(kept.socket.destroyed).toBe(false)
    expect(await stopped).toEqual({ cut: 0 })
    await until(() => kept.socket.destroyed, 'what was silent is closed')
  })
})
