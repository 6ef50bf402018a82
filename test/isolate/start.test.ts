import { describe, expect, it } from 'vitest'
import { PlaceFailed } from '../../src/isolate/place-errors.ts'
import { placeFor, serviceModule } from '../support/place.ts'

const register = (where: string): string =>
  `gCubeStartupManager.registerRI('Samples', 'Counter', ${where === 'static' ? 'callback' : 'callback'})`

const service = (body: string, registration = ''): { lib: Record<string, string> } => ({
  lib: { 'test/Service.js': serviceModule(body, registration) },
})

describe('the start of a place', () => {
  it.each([
    ['a static block', `static { ${register('static')} }`],
    ['the constructor', `constructor() { super(); ${register('constructor')} }`],
    ['init()', `init() { ${register('init')} }`],
    ['an init() that takes its time', `async init() { await new Promise(setImmediate); ${register('init')} }`],
  ])('takes a registration from %s', async (_where, registration) => {
    const { place } = placeFor(service('export_add() {}', registration))
    expect(await place.start()).toMatchObject({ serviceClass: 'Samples', serviceName: 'Counter', credentials: 'none' })
  })

  it('registers a service that says nothing under its name', async () => {
    const { place } = placeFor({
      ...service('export_add() {}'),
      services: [{ name: 'plain' }, { name: 'a/b/c' }, { name: 'Samples/Test' }],
    })
    const { serviceClass, serviceName, endpoints } = await place.start()
    expect([serviceClass, serviceName]).toEqual(['Samples', 'Test'])
    expect(endpoints.map((endpoint) => endpoint.service)).toEqual(['plain', 'a/b/c', 'Samples/Test'])
    await place.callback('ready')
  })

  it('fails when nothing says what to register', async () => {
    const { place } = placeFor({ ...service(''), services: [{ name: 'plain' }] })
    await expect(place.start()).rejects.toThrow(PlaceFailed)
    await expect(place.start()).rejects.toMatchObject({ code: 'DHN_RI_NOT_REGISTERED' })
    expect(place.pid).toBeDefined()
  })
})
