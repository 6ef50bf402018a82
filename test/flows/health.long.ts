import { join } from 'node:path'
import { expect, it } from 'vitest'
import { askSocket } from '../support/admin.ts'
import { composeNode } from '../support/composed.ts'
import { deployTo } from '../support/deploy-to.ts'
import { call } from '../support/doors.ts'
import { samplesIn } from '../support/prometheus.ts'

it('a node says in numbers what became of its calls and instances, and whether it is ready', async () => {
  const { composed, home } = await composeNode()
  const { addresses } = await composed.start()
  const [address = ''] = await deployTo(home, {
    service: 'Samples/Echo',
    body: `export_throw() { throw new Error('x') }`,
  })
  const post = (method: string) => fetch(address, { method: 'POST', body: new URLSearchParams(call(method)) })
  for (const method of ['version', 'version', 'throw', 'nonsense', 'crash']) await post(method)
  const metrics = async () => samplesIn((await askSocket(join(home, 'run', 'admin.sock'), 'get', '/metrics')).text)
  const of = 'gar="samples_echo",version=""'

  const samples = await metrics()
  const value = (series: string): number | undefined => samples.get(series)
  expect(value(`dhn_calls_total{${of},status="2xx"}`)).toBe(2)
  expect(value(`dhn_calls_total{${of},status="5xx"}`)).toBe(2)
  expect(value(`dhn_calls_refused_total{${of},code="DHN_METHOD_UNKNOWN"}`)).toBe(1)
  expect(value(`dhn_call_duration_seconds_count{${of}}`)).toBe(4)
  expect(value(`dhn_calls_inside{${of}}`)).toBe(0)
  expect(value(`dhn_instance_failures_total{${of}}`)).toBe(1)
  expect(value('dhn_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)

  // It is started anew a second after it has crashed.
  let restarted = samples
  while (restarted.get(`dhn_instance_up{${of}}`) !== 1) restarted = await metrics()
  expect(restarted.get(`dhn_instance_restarts_total{${of}}`)).toBe(1)
  expect(restarted.get(`dhn_instance_state{${of},name="Samples/Echo",state="ready"}`)).toBe(1)
  expect(restarted.get(`dhn_instance_memory_bytes{${of}}`)).toBeGreaterThan(10_000_000)
  expect(restarted.get(`dhn_instance_cpu_seconds_total{${of}}`)).toBeGreaterThan(0)
  expect(restarted.get('dhn_node_state{state="running"}')).toBe(1)

  const ready = await fetch(`${addresses[1]}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    {
      ready: true,
      policy: ['node'],
      node: 'running',
      instances: [{ garId: 'samples_echo', name: 'Samples/Echo', state: 'ready', needed: false }],
    },
  ])
})
