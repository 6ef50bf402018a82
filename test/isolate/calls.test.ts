import { describe, expect, it } from 'vitest'
import { placeOn, rungs, serviceModule } from '../support/place.ts'

describe.each(rungs)('on the rung %s:', (isolation) => {
  const placeFor = placeOn(isolation)

  const answering = serviceModule(`
  auth_add = 'NormalUser, group:x'
  static auth_fixed = ['authenticated']
  export_add(a, b) { return S_OK(a + b) }
  export_fixed = () => S_OK('fixed')
  async export_later(text) { await new Promise(setImmediate); return S_OK(text) }
  export_throws() { throw new Error('secret detail') }
  async export_rejects() { await null; throw new Error('secret detail') }
  export_thenThrows() { return { get then() { throw new Error('secret detail') } } }
  export_cycle() { const a = {}; a.a = a; return S_OK(a) }
  export_bigint() { return S_OK(10n) }
  export_set() { return S_OK(new Set([1])) }
  export_function() { return () => {} }
  async export_laterSet() { return new Set([1]) }
  export_text() { return 'plain é' }
  export_bytes() { return Buffer.from([0, 255]) }
  export_nothing() {}
  export_error() { return S_ERROR(2, 'no such thing') }
  export_size(text) { return S_OK(text.length) }
  get export_getter() { return () => S_OK('never') }
  export_notAFunction = 5
  static export_static() {}
  hidden() { return S_OK('never') }
`)

  const started = async (overrides: object = {}): Promise<ReturnType<typeof placeFor>> => {
    const place = placeFor({ lib: { 'test/Service.js': answering }, ...overrides })
    await place.place.start()
    return place
  }

  describe('what a place offers', () => {
    it('is its export_ functions with their rules, and ping and echo', async () => {
      const { place } = placeFor({ lib: { 'test/Service.js': answering } })
      const methods = (await place.start()).endpoints[0]?.methods ?? {}
      expect(Object.getPrototypeOf(methods)).toBeNull()
      expect(methods).toMatchObject({
        ping: { rule: ['all'] },
        echo: { rule: ['all'] },
        add: { rule: ['NormalUser', 'group:x'] },
        fixed: { rule: ['authenticated'] },
        later: { rule: undefined },
      })
      for (const name of ['getter', 'notAFunction', 'static', 'hidden', 'constructor', 'toString', '__proto__']) {
        expect(methods[name]).toBeUndefined()
      }
    })

    it('is only what allowedMethods names', async () => {
      const { place, call } = placeFor({
        lib: { 'test/Service.js': answering },
        services: [{ name: 'A/B', allowedMethods: ['add', 'absent'] }],
      })
      const { endpoints } = await place.start()
      expect(Object.keys(endpoints[0]?.methods ?? {}).sort()).toEqual(['add', 'echo', 'ping', 'whoami'])
      expect((await call('text')).status).toBe(500)
    })

    it('is offered by a class that extends another one, its own methods first', async () => {
      const lib = {
        'test/Service.js': `
        class Base { export_name() { return { OK: true, Value: 'base' } }; export_kept() { return { OK: true, Value: 'kept' } } }
        export class Service extends Base { export_name() { return { OK: true, Value: 'own' } }; export_ping() { return { OK: true, Value: 'own ping' } } }`,
      }
      const { call } = await started({ lib })
      for (const [method, value] of Object.entries({ name: 'own', kept: 'kept', ping: 'own ping' })) {
        expect((await call(method)).body).toBe(`{"OK":true,"Value":"${value}"}`)
      }
    })
  })

  describe('a call', () => {
    it('is answered with what the method returned', async () => {
      const { call } = await started()
      const answers: [string, unknown, object][] = [
        ['add', [1, 2], { status: 200, type: 'application/json', body: '{"OK":true,"Value":3}' }],
        ['fixed', [], { status: 200, type: 'application/json', body: '{"OK":true,"Value":"fixed"}' }],
        ['later', ['ü'], { status: 200, type: 'application/json', body: String.raw`{"OK":true,"Value":"\u00fc"}` }],
        ['bigint', [], { status: 200, type: 'application/json', body: '{"OK": true, "Value": 10}' }],
        ['text', [], { status: 200, type: 'text/html; charset=UTF-8', body: 'plain é' }],
        ['bytes', [], { status: 200, type: 'text/html; charset=UTF-8', body: '\0\ufffd' }],
        ['nothing', [], { status: 200, type: 'text/html; charset=UTF-8', body: '' }],
        [
          'error',
          [],
          {
            status: 200,
            type: 'application/json',
            body: '{"OK":false,"Errno":2,"Message":"No such file or directory ( 2 : no such thing)"}',
          },
        ],
        ['echo', [{ a: [1] }], { status: 200, type: 'application/json', body: '{"OK":true,"Value":{"a":[1]}}' }],
        ['echo', [null], { status: 200, type: 'application/json', body: '{"OK":true,"Value":null}' }],
        ['add', '"ab"', { status: 200, type: 'application/json', body: '{"OK":true,"Value":"ab"}' }],
      ]
      for (const [method, args, expected] of answers)
        expect([method, await call(method, args)]).toEqual([method, expected])
    })

    it('that goes wrong is a 500 that discloses nothing, and is logged', async () => {
      const { call, log } = await started()
      const failing = [
        'throws',
        'rejects',
        'thenThrows',
        'cycle',
        'set',
        'function',
        'laterSet',
        'hidden',
        'constructor',
        'toString',
      ]
      for (const method of failing) {
        const { status, body } = await call(method)
        expect([method, status]).toEqual([method, 500])
        expect(JSON.parse(body)).toMatchObject({ OK: false, Errno: 0 })
        expect(body).not.toMatch(/secret|not a function|Error:|test\/Service/)
        expect(log()).toContain(`Samples/Test: ${method} failed`)
      }
      expect(log()).toContain('Error: secret detail')
      expect((await call('add', [1, 1])).status).toBe(200)
    })

    it('with arguments that are no list is a 500', async () => {
      const { call } = await started()
      for (const args of ['notjson', '3', 'null', '{"a":', '[1,]']) {
        expect(await call('add', args)).toEqual({
          status: 500,
          type: 'application/json',
          body: '{"OK":false,"Errno":0,"Message":"The arguments are no JSON list"}',
        })
      }
    })

    it('of ping says what DIRAC says', async () => {
      const { call } = await started()
      const { Value } = JSON.parse((await call('ping')).body)
      expect(Object.keys(Value)).toEqual([
        'version',
        'time',
        'host uptime',
        'service start time',
        'service uptime',
        'load',
        'name',
        'cpu times',
      ])
      expect(Value).toMatchObject({
        name: 'Samples/Test',
        time: { __dCls: 'dt', obj: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) },
        load: expect.stringMatching(/^[\d.]+ [\d.]+ [\d.]+$/),
        'cpu times': {
          'user time': expect.any(Number),
          'children user time': expect.any(Number),
          'elapsed real time': expect.any(Number),
        },
      })
    })

    it('of ping says the first address of the service to the clients of DIRAC 9.1', async () => {
      const { call } = await started()
      for (const base of ['https://one:8443', 'https://other:8443']) {
        const { body } = await call('ping', [], 0, { base, tellsURL: true })
        expect(Object.entries(JSON.parse(body).Value)[7]).toEqual(['URL', 'https://one:8443/Samples/Test'])
      }
    })

    it('goes to an endpoint that is not there and is a 500', async () => {
      const { call } = await started()
      expect((await call('echo', [], 7)).status).toBe(500)
    })

    it('is answered exactly once, ten thousand of them at a time, large ones among them', async () => {
      const { place } = await started()
      const large = 'x'.repeat(200_000)
      const answers = new Map<number, string[]>()
      await new Promise<void>((resolve) => {
        let open = 10_000
        for (let index = 0; index < 10_000; index += 1) {
          const method = index % 3 === 0 ? 'later' : 'echo'
          const value = index % 1000 === 0 ? large : `value ${index}`
          place.call({ endpoint: 0, method, args: JSON.stringify([value]) }, ({ body }) => {
            answers.set(index, [...(answers.get(index) ?? []), JSON.parse(Buffer.from(body).toString()).Value])
            open -= 1
            if (open === 0) resolve()
          })
        }
      })
      for (const [index, values] of answers) {
        expect(values).toEqual([index % 1000 === 0 ? large : `value ${index}`])
      }
      expect(answers.size).toBe(10_000)
    })

    it('is not taken by a place that does not run', async () => {
      const idle = placeFor({ lib: { 'test/Service.js': answering } })
      expect((await idle.call('echo')).status).toBe(500)
      const { place, call } = await started()
      await place.stop()
      expect((await call('echo')).status).toBe(500)
    })

    it('is answered with a 500 when the place ends before it was', async () => {
      const lib = {
        'test/Service.js': serviceModule(
          'export_hangs() { return new Promise(() => {}) }; export_exits() { process.exit(7) }',
        ),
      }
      const { call } = await started({ lib })
      const answers = await Promise.all([call('hangs'), call('hangs'), call('exits')])
      expect(answers.map(({ status }) => status)).toEqual([500, 500, 500])
    })
  })
})
