import { describe, expect, it } from 'vitest'
import { until } from '../support/node.ts'
import { type Deployment, placeFor, serviceModule, type TestPlace } from '../support/place.ts'

const restart = {
  firstDelay: 20,
  longestDelay: 20,
  jitter: 0,
  healthyAfter: 60_000,
  giveUp: { failures: 2, within: 60_000 },
}
const body = `
  export_who() { return S_OK(process.pid) }
  export_slow(ms) { return new Promise((resolve) => setTimeout(() => resolve(S_OK(process.pid)), ms)) }
  export_die() { process.kill(process.pid, 'SIGKILL') }
  export_fail() { return NAL.setState('failed', 'no more').then(() => S_OK()) }
  export_rest() { return NAL.setState('disabled', 'tired').then(() => S_OK()) }`

const several = (count: number, { spec = {}, ...given }: Partial<Deployment> = {}): TestPlace =>
  placeFor({
    lib: {
      'test/Service.js': serviceModule(
        body,
        `static {
          const credentials = Object.assign(new SimpleCredentialsListener(), { credentialsDelivered: ({ pem }) => { notes.push(pem) } })
          gCubeStartupManager.registerRI('Test', 'Service', callback, credentials)
        }`,
      ),
    },
    spec: { several: { count, restart }, ...spec },
    ...given,
  })

const answered = ({ body }: { readonly body: string }): unknown => (JSON.parse(body) as { Value: unknown }).Value
const states = ({ place }: TestPlace) => place.parts?.map(({ state }) => state)

describe('a service in several places', () => {
  it('shares its calls out, tells each place everything, and is started again in part while the rest serves', async () => {
    const group = several(2)
    const { place, call } = group
    await place.start()
    await place.deliverCredentials('proxy')
    await place.callback('ready')
    const answers = await Promise.all([call('who'), call('who'), call('who'), call('who')])
    const pids = new Set(answers.map(answered))
    expect(pids).toEqual(new Set(place.parts?.map(({ pid }) => pid)))
    expect(pids.size).toBe(2)

    const slow = call('slow', [300])
    expect((await call('die')).status).toBe(500)
    const meanwhile = await Promise.all(Array.from({ length: 20 }, () => call('who')))
    expect(meanwhile.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(pids.has(answered(await slow))).toBe(true)
    await until(() => states(group)?.every((state) => state === 'serving') === true, 'both serve again')
    expect(place.parts?.map(({ restarts }) => restarts).sort()).toEqual([0, 1])
    const notes = await Promise.all([call('notes'), call('notes')])
    expect(notes.map(answered)).toEqual(
      expect.arrayContaining([
        ['proxy', 'ready'],
        ['proxy', 'redeployed', 'ready'],
      ]),
    )
  })

  it('stays one that serves when a place says that it failed, and ends with the last one', async () => {
    const group = several(2)
    const { place, call, ended } = group
    await place.start()
    await place.callback('ready')
    expect((await call('fail')).status).toBe(200)
    expect(place.parts?.find(({ state }) => state === 'waiting')?.cause).toMatchObject({
      code: 'DHN_SERVICE_SAID_FAILED',
      message: 'no more',
    })
    await until(() => states(group)?.every((state) => state === 'serving') === true, 'both serve again')
    await Promise.all([call('die'), call('die')])
    expect(await ended).toMatchObject({ code: 'DHN_PLACE_ENDED', facts: { signal: 'SIGKILL' } })
    expect((await call('who')).status).toBe(500)
    await place.stop()
    expect(states(group)).toEqual(['down', 'down'])
  })

  it('is one for what it asks of the node', async () => {
    const { place, call, asked } = several(2)
    await place.start()
    await place.callback('ready')
    await call('rest')
    await call('rest')
    expect(asked).toEqual(['state disabled tired', 'state disabled tired'])
  })

  it('gives a place up that ends again and again', async () => {
    const group = several(2)
    const { place, call } = group
    await place.start()
    await place.callback('ready')
    await call('die')
    await until(() => states(group)?.every((state) => state === 'serving') === true, 'both serve again')
    process.kill(place.parts?.find(({ restarts }) => restarts === 1)?.pid as number, 'SIGKILL')
    await until(() => states(group)?.includes('down') === true, 'it is given up')
    expect((await call('who')).status).toBe(200)
  })

  it('does not start when its places differ, and ends whole when one of them never became ready', async () => {
    const differing = placeFor({
      lib: {
        'test/Service.js': serviceModule(
          '',
          "static { gCubeStartupManager.registerRI('Test', 'n' + process.pid, callback) }",
        ),
      },
      spec: { several: { count: 2, restart } },
    })
    await expect(differing.place.start()).rejects.toMatchObject({ code: 'DHN_PLACES_DIFFER' })
    const { place, call, ended } = several(2)
    await place.start()
    await call('die')
    expect(await ended).toMatchObject({ code: 'DHN_PLACE_ENDED' })
  })
})
