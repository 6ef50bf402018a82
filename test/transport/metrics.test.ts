import { describe, expect, it } from 'vitest'
import { processFigures } from '../../src/transport/metrics/process-figures.ts'
import { PrometheusText } from '../../src/transport/metrics/prometheus.ts'
import { isReader, readersFilter } from '../../src/transport/metrics/readers.ts'
import { openAdmin } from '../support/admin.ts'
import { openDoors } from '../support/doors.ts'
import { samplesIn } from '../support/prometheus.ts'

describe('the text for Prometheus', () => {
  it('has families with help and type, labels that are escaped, and histograms that add up', () => {
    const text = new PrometheusText()
    text.gauge('a', 'What a is.', [{}, 1.5], [{ one: 'x', two: 'say "hi"\\\n' }, 2])
    text.counter('none', 'Nothing to tell.')
    text.histogram('b', 'What b is.', [0.1, 1], { labels: { gar: 'x' }, counts: [3, 0, 2], sum: 4.5 })
    expect(text.toString()).toBe(`# HELP a What a is.
# TYPE a gauge
a 1.5
a{one="x",two="say \\"hi\\"\\\\\\n"} 2
# HELP b What b is.
# TYPE b histogram
b_bucket{gar="x",le="0.1"} 3
b_bucket{gar="x",le="1"} 3
b_bucket{gar="x",le="+Inf"} 5
b_sum{gar="x"} 4.5
b_count{gar="x"} 5
`)
  })
})

describe('who may read the metrics', () => {
  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['10.0.0.0/8', true],
    ['fd00::/64', true],
    ['*', true],
    ['localhost', false],
    ['10.0.0.0/33', false],
    ['10.0.0.0/', false],
    ['10.0.0.0/8/8', false],
    ['', false],
  ])('can be said with %j: %s', (text, can) => {
    expect(isReader(text)).toBe(can)
  })

  it('is decided by the address, however it is written', () => {
    const mayRead = readersFilter(['127.0.0.1', '10.1.0.0/16', 'fd00::/64'])
    const these = ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', '::FFFF:10.1.2.3', 'fd00::5']
    const others = ['127.0.0.2', '10.2.0.1', '::1', 'fd00:1::5', '::ffff:10.2.0.1', undefined, '', 'x']
    expect(these.filter(mayRead)).toEqual(these)
    expect(others.filter(mayRead)).toEqual([])
    expect(readersFilter(['*'])(undefined)).toBe(true)
    expect(readersFilter([])('127.0.0.1')).toBe(false)
  })

  it('is this machine unless told otherwise, but not for whom a proxy asks', async () => {
    const { http } = await openDoors()
    const answer = await fetch(`${http}/metrics`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(samplesIn(await answer.text()).get('dhn_connections{door="http"}')).toBe(1)
    for (const header of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP']) {
      const forwarded = await fetch(`${http}/metrics`, { headers: { [header]: '192.0.2.1' } })
      expect([forwarded.status, await forwarded.json()]).toMatchObject([403, { OK: false }])
    }
  })

  it('can be nobody, or everybody', async () => {
    const nobody = await openDoors(undefined, {}, { metrics: { readers: [] } })
    expect((await fetch(`${nobody.http}/metrics`)).status).toBe(403)
    const everybody = await openDoors(undefined, {}, { metrics: { readers: ['*'] } })
    expect((await fetch(`${everybody.http}/metrics`, { headers: { via: 'a proxy' } })).status).toBe(200)
  })

  it('is always who can open the admin socket', async () => {
    const { ask } = await openAdmin()
    const { status, text } = await ask('get', '/metrics')
    expect(status).toBe(200)
    expect(samplesIn(text).get('dhn_build_info{version="0.1.0",node="v20.20.2"}')).toBe(1)
    const series = 'dhn_expiry_timestamp_seconds{what="revocation list",name="/CN=CA"}'
    expect(samplesIn(text).get(series)).toBe(Date.parse('2027-02-03T04:05:06.000Z') / 1000)
    expect((await ask('post', '/metrics')).status).toBe(404)
  })
})

describe('what the system says of a process', () => {
  it('is its memory and its processor time, and nothing of one that is gone', async () => {
    const here = await processFigures(process.pid, AbortSignal.timeout(10_000))
    const { rss } = process.memoryUsage()
    expect(here?.memory).toBeGreaterThan(rss / 2)
    expect(here?.memory).toBeLessThan(rss * 2)
    expect(here?.cpu).toBeGreaterThan(0.05)
    expect(await processFigures(2 ** 22 + 1, AbortSignal.timeout(10_000))).toBeUndefined()
  })
})
