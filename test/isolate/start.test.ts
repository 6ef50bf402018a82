import { describe, expect, it } from 'vitest'
import { expectGone, placeOn, rungs, serviceModule } from '../support/place.ts'

describe.each(rungs)('on the rung %s:', (isolation) => {
  const placeFor = placeOn(isolation)

  const counter = `gCubeStartupManager.registerRI('Samples', 'Counter', callback)`

  const service = (body: string, registration = ''): { lib: Record<string, string> } => ({
    lib: { 'test/Service.js': serviceModule(body, registration) },
  })

  describe('the start of a place', () => {
    it.each([
      ['a static block', `static { ${counter} }`],
      ['the constructor', `constructor() { super(); ${counter} }`],
      ['init()', `init() { ${counter} }`],
      ['an init() that takes its time', `async init() { await new Promise(setImmediate); ${counter} }`],
    ])('takes a registration from %s', async (_where, registration) => {
      const { place } = placeFor(service('', registration))
      expect(await place.start()).toMatchObject({
        serviceClass: 'Samples',
        serviceName: 'Counter',
        credentials: 'none',
      })
    })

    it('says which kind of credentials listener was given, also one of another copy of the SDK', async () => {
      const listener = (body: string): { lib: Record<string, string> } =>
        service(`${body} static { gCubeStartupManager.registerRI('A', 'B', callback, new Listener()) }`)
      const of = async (text: string): Promise<string> => {
        const { place } = placeFor({ lib: { 'test/Service.js': `${text}\n${listener('').lib['test/Service.js']}` } })
        return (await place.start()).credentials
      }
      const method = 'credentialsDelivered() {}'
      expect(await of(`class Listener extends SimpleCredentialsListener { ${method} }`)).toBe('simple')
      expect(await of(`class Listener extends MultipleCredentialsListener { ${method} }`)).toBe('multiple')
      expect(
        await of(`class Listener { get [Symbol.for('dhn.service.credentials')]() { return 'simple' }; ${method} }`),
      ).toBe('simple')
    })

    it('registers a service that says nothing under its name', async () => {
      const { place } = placeFor({
        ...service(''),
        services: [{ name: 'plain' }, { name: 'a/b/c' }, { name: 'Samples/Test' }],
      })
      const { serviceClass, serviceName, endpoints } = await place.start()
      expect([serviceClass, serviceName]).toEqual(['Samples', 'Test'])
      expect(endpoints.map((endpoint) => endpoint.service)).toEqual(['plain', 'a/b/c', 'Samples/Test'])
      await place.callback('ready')
    })

    it('takes the same class and name again, and keeps the first callback', async () => {
      const { place, call } = placeFor(
        service(
          '',
          `static { ${counter}
          gCubeStartupManager.registerRI('Samples', 'Counter', { ...callback, ready: note('another') }) }`,
        ),
      )
      await place.start()
      await place.callback('ready')
      expect(JSON.parse((await call('notes')).body).Value).toEqual(['ready'])
    })

    it.each([
      [
        'another class and name',
        `${counter}; gCubeStartupManager.registerRI('SamplesC', 'ounter', callback)`,
        'DHN_RI_CONFLICT',
      ],
      [
        'a callback whose redeployed is no function',
        `gCubeStartupManager.registerRI('A', 'B', { ...callback, redeployed: 'later' })`,
        'DHN_REGISTRATION_INVALID',
      ],
      ['a listener that is none', `gCubeStartupManager.registerRI('A', 'B', callback, {})`, 'DHN_REGISTRATION_INVALID'],
      ['no name', `gCubeStartupManager.registerRI('A', '', callback)`, 'DHN_REGISTRATION_INVALID'],
    ])('refuses a registration with %s', async (_what, registration, code) => {
      const { place } = placeFor(service('', `static { ${registration} }`))
      await expect(place.start()).rejects.toMatchObject({ name: 'PlaceFailed', code })
    })

    it.each([
      ['nothing that says what to register', service(''), 'plain', 'DHN_RI_NOT_REGISTERED', /registered/],
      [
        'no module',
        { lib: {} },
        'A/B',
        'DHN_SERVICE_MODULE_MISSING',
        /lib\/test\/Service\.js or lib\/test\/Service\.mjs/,
      ],
      [
        'no such class in it',
        { lib: { 'test/Service.js': 'export const Service = 1' } },
        'A/B',
        'DHN_SERVICE_CLASS_MISSING',
        /Service/,
      ],
      [
        'a module that throws',
        { lib: { 'test/Service.js': 'throw new Error("no database")' } },
        'A/B',
        'DHN_SERVICE_START_FAILED',
        /the module .* no database/,
      ],
      [
        'a module that is no JavaScript',
        { lib: { 'test/Service.js': 'export class {' } },
        'A/B',
        'DHN_SERVICE_START_FAILED',
        /SyntaxError/,
      ],
      [
        'a constructor that throws',
        service('constructor() { super(); throw new TypeError("bad") }'),
        'A/B',
        'DHN_SERVICE_START_FAILED',
        /constructor .* TypeError: bad/,
      ],
      [
        'an init() that rejects',
        service('async init() { throw new Error("later") }'),
        'A/B',
        'DHN_SERVICE_START_FAILED',
        /init\(\) .* later/,
      ],
      [
        'an init() that throws nothing',
        service('init() { throw undefined }'),
        'A/B',
        'DHN_SERVICE_START_FAILED',
        /undefined/,
      ],
      [
        'process.exit in the module',
        { lib: { 'test/Service.js': 'process.exit(3)' } },
        'A/B',
        'DHN_PLACE_ENDED',
        /exit code 3/,
      ],
      ['a rule that is none', service('auth_notes = 7'), 'A/B', 'DHN_SERVICE_START_FAILED', /auth_notes/],
    ])('fails with %s, and the place is gone then', async (_what, deployment, name, code, message) => {
      const { place } = placeFor({ ...deployment, services: [{ name }] })
      const failure = await place.start().catch((error) => error)
      expect(failure).toMatchObject({ name: 'PlaceFailed', code, message: expect.stringMatching(message) })
      expectGone(place)
      await place.stop()
      await place.stop()
    })

    it('fails when it takes too long', async () => {
      const { place } = placeFor({
        ...service('init() { return new Promise(() => {}) }'),
        spec: { limits: { start: 400, ready: 1, callback: 1, stop: 1 } },
      })
      await expect(place.start()).rejects.toMatchObject({
        code: 'DHN_PLACE_TIMEOUT',
        data: { facts: { step: 'start' } },
      })
      expectGone(place)
    })

    const unusable = [{ directory: '/nowhere' }, { logFile: '/nowhere/x.log' }]
    it.each(isolation === 'thread' ? unusable : [...unusable, { environment: { A: 'a\0b' } }])(
      'fails without a place for %o',
      async (spec) => {
        const { place } = placeFor({ ...service(''), spec })
        await expect(place.start()).rejects.toMatchObject({ name: 'PlaceFailed', code: 'DHN_PLACE_SPAWN_FAILED' })
        expect(place.pid).toBeUndefined()
        await place.stop()
      },
    )

    it('fails when it is stopped meanwhile', async () => {
      const { place, log } = placeFor(service('init() { return new Promise(() => {}) }'))
      const started = place.start()
      await Promise.all([
        expect(started).rejects.toMatchObject({ name: 'PlaceFailed', code: 'DHN_PLACE_GONE' }),
        place.stop(),
      ])
      expect(log()).toBe('')
    })
  })

  describe('the class of a className', () => {
    it.each([
      ['a .mjs', { 'test/Service.mjs': 'export class Service {}' }],
      ['a default export', { 'test/Service.js': 'export default class {}' }],
      ['CommonJS with a property', { 'test/Service.js': 'exports.Service = class {}' }],
      ['CommonJS that exports the class', { 'test/Service.js': 'module.exports = class {}' }],
      [
        'CommonJS that requires the SDK',
        {
          'test/Service.js':
            'const { S_OK } = require("dhn/service"); exports.Service = class { export_x() { return S_OK() } }',
        },
      ],
    ])('is found in %s', async (_what, lib) => {
      const { place, call } = placeFor({ lib: lib as Record<string, string> })
      await place.start()
      expect((await call('echo', [1])).body).toBe('{"OK":true,"Value":1}')
    })

    it.each(['../../etc/x.Service', 'test/Service', '..Service', 'test..Service', ''])(
      'is never outside of lib: %j',
      async (className) => {
        const { place } = placeFor({
          lib: { 'test/Service.js': 'export class Service {}' },
          services: [{ name: 'A/B', className }],
        })
        await expect(place.start()).rejects.toMatchObject({ code: 'DHN_SERVICE_MODULE_MISSING' })
      },
    )

    it('is made by scope: at the start for Application, for each call otherwise, with init() and destroy()', async () => {
      const text = serviceModule(
        `count = 0
       init(context) { notes.push('init ' + context.serviceName + ' ' + context.parameters.colour) }
       destroy() { notes.push('destroy') }
       export_next() { return S_OK(++this.count) }`,
        `static { ${counter} }`,
      )
      const parameters = { colour: 'red' }
      const { place, call, log } = placeFor({
        lib: { 'test/Service.js': text },
        services: [
          { name: 'app', scope: 'Application', parameters },
          { name: 'request', scope: 'Request', parameters },
        ],
      })
      await place.start()
      const next = async (endpoint: number): Promise<unknown> =>
        JSON.parse((await call('next', [], endpoint)).body).Value
      expect([await next(0), await next(0), await next(1), await next(1)]).toEqual([1, 2, 1, 1])
      const notes = JSON.parse((await call('notes')).body).Value
      expect(notes).toEqual(['init app red', 'init request red', 'destroy', 'init request red', 'destroy'])
      await place.stop()
      expect(log()).toBe('')
    })
  })
})
