import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../src/service/errors.ts'
import { AddressUnknown } from '../../src/service/nal.ts'
import { TransitionIllegal } from '../../src/service/transition-illegal.ts'
import { expectGone, placeOn, rungs, serviceModule } from '../support/place.ts'

describe.each(rungs)('on the rung %s:', (isolation) => {
  const placeFor = placeOn(isolation)

  const limits = { start: 15_000, ready: 10_000, callback: 10_000, stop: 5_000 }
  const withCallback = (callback: string, body = ''): { lib: Record<string, string> } => ({
    lib: {
      'test/Service.js': serviceModule(
        body,
        `static { gCubeStartupManager.registerRI('A', 'B', { ...callback, ${callback} }) }`,
      ),
    },
  })

  describe('a callback', () => {
    it('runs in the order it is asked for, and is over when its promise is', async () => {
      const { place, call } = placeFor(
        withCallback(
          `async ready() { notes.push('ready begins'); await new Promise(setImmediate); notes.push('ready ends') }`,
        ),
      )
      await place.start()
      for (const name of ['redeployed', 'ready', 'disabled', 'ready', 'failed'] as const) await place.callback(name)
      expect(JSON.parse((await call('notes')).body).Value).toEqual([
        'redeployed',
        'ready begins',
        'ready ends',
        'disabled',
        'ready begins',
        'ready ends',
        'failed',
      ])
    })

    it.each([
      ['throws', `ready() { throw new TypeError('no database') }`, 'TypeError: no database'],
      ['rejects', `async ready() { await null; throw new Error('no database') }`, 'no database'],
      ['throws nothing', `ready() { throw null }`, 'null'],
    ])('that %s says what was thrown, and the place goes on', async (_how, callback, reason) => {
      const { place, call, log } = placeFor(withCallback(callback))
      await place.start()
      const error = await place.callback('ready').catch((thrown) => thrown)
      expect(error).toMatchObject({ code: 'DHN_CALLBACK_FAILED', message: expect.stringContaining(reason) })
      expect(log()).toContain('ready() failed')
      expect((await call('echo', [1])).status).toBe(200)
    })

    it.each(['ready', 'disabled', 'failed', 'redeployed'] as const)(
      '%s() that takes too long is given up',
      async (name) => {
        const { place } = placeFor({
          ...withCallback(`${name}: () => new Promise(() => {})`),
          spec: { limits: { ...limits, ready: 60, callback: 50 } },
        })
        await place.start()
        await expect(place.callback(name)).rejects.toMatchObject({
          name: 'PlaceTimeout',
          code: 'DHN_PLACE_TIMEOUT',
          step: `${name}()`,
          milliseconds: name === 'ready' ? 60 : 50,
        })
      },
    )

    it('that blocks its process is given up all the same', async () => {
      const { place } = placeFor({
        ...withCallback('ready() { for (;;); }'),
        spec: { limits: { ...limits, ready: 100, stop: 100 } },
      })
      await place.start()
      await expect(place.callback('ready')).rejects.toMatchObject({ code: 'DHN_PLACE_TIMEOUT' })
      await place.stop()
      expectGone(place)
    })

    it('ends with its place, for the same cause', async () => {
      const { place, ended } = placeFor(withCallback('ready() { process.exit(7) }'))
      await place.start()
      await expect(place.callback('ready')).rejects.toMatchObject({ code: 'DHN_PLACE_ENDED' })
      expect(await ended).toMatchObject({ code: 'DHN_PLACE_ENDED' })
      await expect(place.callback('failed')).rejects.toMatchObject({ code: 'DHN_PLACE_ENDED' })
    })

    it('is refused by a place that does not run', async () => {
      const { place } = placeFor(withCallback(''))
      await expect(place.callback('ready')).rejects.toMatchObject({ code: 'DHN_PLACE_GONE' })
    })
  })

  describe('credentials', () => {
    const listening = (kind: string): { lib: Record<string, string> } => ({
      lib: {
        'test/Service.js': `${serviceModule('')}
        class Listener extends ${kind} {
          async credentialsDelivered(...delivered) {
            if (delivered.at(-1).pem === 'bad') throw new Error('a bad one')
            notes.push(delivered)
          }
        }
        gCubeStartupManager.registerRI('A', 'B', callback, new Listener())`,
      },
    })

    it('are handed to a simple listener', async () => {
      const { place, call } = placeFor(listening('SimpleCredentialsListener'))
      await place.start()
      await place.deliverCredentials('PEM 1')
      await place.deliverCredentials('PEM 2')
      expect(JSON.parse((await call('notes')).body).Value).toEqual([[{ pem: 'PEM 1' }], [{ pem: 'PEM 2' }]])
      await expect(place.deliverCredentials('bad')).rejects.toMatchObject({ code: 'DHN_CALLBACK_FAILED' })
    })

    it('are handed to a multiple listener with their scope', async () => {
      const { place, call } = placeFor(listening('MultipleCredentialsListener'))
      await place.start()
      await place.deliverCredentials('PEM', '/d4science/vo')
      expect(JSON.parse((await call('notes')).body).Value).toEqual([['/d4science/vo', { pem: 'PEM' }]])
    })
  })

  describe('what a service asks of its node', () => {
    const asking = {
      lib: {
        'test/Service.js': serviceModule(`
        async export_set(state, reason) {
          try { await NAL.setState(state, reason); return S_OK() }
          catch (error) { return S_OK([error.constructor.name, error.code, error.from, error.to]) }
        }
        async export_address(name) {
          try { return S_OK(await NAL.getAddress(name)) }
          catch (error) { return S_OK([error.constructor.name, error.code, error.service]) }
        }
        export_facts() {
          return S_OK([NAL.getRIID(), NAL.getDHNID(), NAL.getConfigurationDirectory(), NAL.getPersistentDirectory(), NAL.isSecure()])
        }
        export_lookup(name, type) {
          try { const value = NAL.lookup(name, type); return S_OK(typeof value === 'bigint' ? String(value) : value) }
          catch (error) { return S_OK(error.code) }
        }`),
      },
    }
    const value = async (place: ReturnType<typeof placeFor>, method: string, ...args: unknown[]): Promise<unknown> =>
      JSON.parse((await place.call(method, args)).body).Value

    it('is a change of state that is taken, or refused with a typed error', async () => {
      const place = placeFor({
        ...asking,
        listener: {
          async stateRequested(state, reason) {
            if (state === 'ready') throw new TransitionIllegal('failed', 'ready')
            if (state === 'failed') throw new RemoteError({ code: 'DHN_OTHER', message: reason ?? '' })
          },
        },
      })
      await place.place.start()
      expect(await value(place, 'set', 'disabled', 'database away')).toBeNull()
      expect(await value(place, 'set', 'ready')).toEqual([
        'TransitionIllegal',
        'DHN_TRANSITION_ILLEGAL',
        'failed',
        'ready',
      ])
      expect(await value(place, 'set', 'failed', 'x')).toMatchObject(['RemoteError', 'DHN_OTHER', null, null])
    })

    it('is a change of state with its reason', async () => {
      const place = placeFor(asking)
      await place.place.start()
      await value(place, 'set', 'disabled', 'database away')
      await value(place, 'set', 'ready')
      expect(place.asked).toEqual(['state disabled database away', 'state ready'])
    })

    it('is an address, or there is none', async () => {
      const place = placeFor({
        ...asking,
        listener: {
          async addressAsked(service) {
            if (service !== 'Samples/Counter') throw new AddressUnknown(service)
            return 'https://localhost:8443/Samples/Counter'
          },
        },
      })
      await place.place.start()
      expect(await value(place, 'address', 'Samples/Counter')).toBe('https://localhost:8443/Samples/Counter')
      expect(await value(place, 'address', 'Samples/X')).toEqual(['AddressUnknown', 'DHN_ADDRESS_UNKNOWN', 'Samples/X'])
    })

    it('is what it is and where', async () => {
      const place = placeFor({ ...asking, spec: { secure: true } })
      await place.place.start()
      const { directory, persistentDirectory } = place.spec
      expect(await value(place, 'facts')).toEqual(['ri-1', 'dhn-1', `${directory}/etc/test`, persistentDirectory, true])
    })

    it('is what its JNDI names stand for', async () => {
      const jndi = {
        'java:comp/env/services/A/step': 5,
        'java:comp/env/services/A/text': 'x',
        'java:comp/env/services/A/long': { bigint: '9007199254740993' },
        'java:comp/env/services/A/home': { type: 'org.x.Home', parameters: { factory: 'y' } },
      }
      const place = placeFor({ ...asking, spec: { jndi } })
      await place.place.start()
      expect(await value(place, 'lookup', 'java:comp/env/services/A/step', 'number')).toBe(5)
      expect(await value(place, 'lookup', 'java:comp/env//services/A/step')).toBe(5)
      expect(await value(place, 'lookup', 'services/A/text', 'string')).toBe('x')
      expect(await value(place, 'lookup', 'services/A/long', 'bigint')).toBe('9007199254740993')
      expect(await value(place, 'lookup', 'services/A/home', 'resource')).toEqual({
        type: 'org.x.Home',
        parameters: { factory: 'y' },
      })
      expect(await value(place, 'lookup', 'services/A/text', 'number')).toBe('DHN_JNDI_TYPE_DIFFERS')
      expect(await value(place, 'lookup', 'services/A/none')).toBe('DHN_JNDI_NAME_UNKNOWN')
      expect(await value(place, 'lookup', 'toString')).toBe('DHN_JNDI_NAME_UNKNOWN')
    })
  })
})
