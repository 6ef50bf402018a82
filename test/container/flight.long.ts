import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CallRing } from '../../src/container/call-ring.ts'
import { processFigures } from '../../src/container/process-figures.ts'
import { startNode, until } from '../support/node.ts'

describe('the ring of calls', () => {
  it('keeps the last ones, with those under way, and what ends late changes no later call', () => {
    const ring = new CallRing(3)
    const numbers = ['a', 'b', 'c', 'd'].map((method) => ring.begin('Samples/Echo', method, performance.now()))
    ring.end(numbers[3] as number, 200, 1.239)
    ring.end(numbers[0] as number, 500, 1)
    expect(ring.list().map(({ method, status }) => [method, status])).toEqual([
      ['b', undefined],
      ['c', undefined],
      ['d', 200],
    ])
    expect(ring.list()[2]?.durationMs).toBe(1.24)
    expect(Math.abs(Date.parse(ring.list()[0]?.at ?? '') - Date.now())).toBeLessThan(5000)
  })
})

it('what a process uses is what the system says of it', () => {
  const figures = processFigures(process.pid)
  const { user, system } = process.cpuUsage()
  expect(Math.abs((figures?.rssBytes ?? 0) - process.memoryUsage.rss())).toBeLessThan(32 * 1024 * 1024)
  expect(Math.abs((figures?.cpuMs ?? 0) - (user + system) / 1000)).toBeLessThan(200)
  expect(processFigures(2 ** 22 + 1)).toBeUndefined()
})

describe('the flight recorder of a running instance', () => {
  const recorded = { flight: { calls: 8, interval: 10, kept: 2 } }

  it('is kept at each failure, the last ones only, with what led to it', async () => {
    const { node, deploy, call, home } = await startNode({ config: recorded })
    await deploy({ service: 'Samples/Frail', on: { ready: "console.log('is ready')" } })
    await call('/Samples/Frail', 'version')
    const used = async () => (await node.flight('samples_frail')).now?.figures.at(-1)?.rssBytes ?? 0
    while ((await used()) < 10_000_000);
    for (const failures of [1, 2]) {
      await call('/Samples/Frail', 'crash')
      await until(() => node.instance('samples_frail').restarts.count === failures, 'it was started again')
      await until(() => node.instance('samples_frail').state === 'ready', 'it is ready again')
    }
    const { now, frozen } = await node.flight('Samples/Frail')
    expect(frozen.length).toBe(2)
    const [last, first] = frozen
    expect(first?.cause).toMatchObject({ code: 'DHN_PLACE_ENDED', facts: { exitCode: 3 } })
    expect(first?.states.map(({ to }) => to)).toEqual(['deployed', 'registered', 'readying', 'ready', 'failed'])
    expect(first?.states.at(-1)?.cause?.code).toBe('DHN_PLACE_ENDED')
    expect(first?.calls.map(({ method, status }) => [method, status])).toEqual([
      ['version', 200],
      ['crash', 500],
    ])
    expect(first?.figures.some(({ rssBytes }) => rssBytes > 10_000_000)).toBe(true)
    expect(first?.lastLines).toContain('is ready')
    expect(last?.states.filter(({ to }) => to === 'failed').length).toBe(2)
    expect(now?.states.at(-1)?.to).toBe('ready')
    expect(readdirSync(home.var('flight', 'samples_frail')).length).toBe(2)
  })

  it('is part of the report of a deploy that failed', async () => {
    const { deploy, node } = await startNode({ config: recorded })
    const report = await deploy({ service: 'Samples/Failing', on: { ready: "throw new Error('no database')" } })
    expect(report.outcome).toBe('failed')
    expect(report.flight?.states.map(({ to }) => to)).toEqual(['deployed', 'registered', 'readying', 'failed'])
    expect(report.flight?.cause?.message).toContain('no database')
    expect((await node.flight('samples_failing')).frozen[0]?.id).toBe(report.flight?.id)
  })

  it('records no calls where it is told to', async () => {
    const { deploy, node, call } = await startNode({ config: { flight: { calls: 0, interval: 1000, kept: 1 } } })
    await deploy({ service: 'Samples/Quiet' })
    expect((await call('/Samples/Quiet', 'version')).status).toBe(200)
    expect((await node.flight('samples_quiet')).now?.calls).toEqual([])
  })
})
