import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConfigurationTree } from '../../src/service/runtime.ts'
import { placeFor, type TestPlace } from '../support/place.ts'
import { supervised } from '../support/supervised.ts'

const hooked = `
import { authorization, convertToReturnValue, HTTPError, RequestHandler, S_ERROR, S_OK, TornadoResponse } from 'dhn/service'

export class Hooked extends RequestHandler {
  static tries = 0
  static async initializeHandler(info) {
    this.tries += 1
    await new Promise(setImmediate)
    if (this.srv_getCSOption('Broken', false) && this.tries === 1) throw new Error('no database')
    this.infos = [{ ...info, list: this.srv_getCSOption('List', []) }]
  }
  initializeRequest() { this.prepared = [this.getUserName(), ...(this.prepared ?? [])] }
  static auth_infos = 'all'
  export_infos() { return S_OK([Hooked.tries, this.constructor.tries, this.constructor.infos]) }
  export_prepared() { return S_OK(this.prepared) }
  async export_late() { await new Promise(setImmediate); return S_OK(this.srv_getFormattedRemoteCredentials()) }
  export_finished(n) { return n }
  finish_finished(n) { return S_OK([n, n * 2, this.getUserDN()]) }
}
export class Refusing extends RequestHandler {
  initializeRequest() { throw new HTTPError(403, 'Not today') }
  auth_ping = 'NormalUser'
}
export class Getters extends RequestHandler {
  static DEFAULT_AUTHORIZATION = 'authenticated, group:a'
  static CHECK_ARGUMENTS = true
  auth_own = ['own']
  export_own(a, b = ')', ...more) { return S_OK([a, b, more]) }
  export_two(a, b = [1, 2]) { return S_OK([a, b]) }
  export_all() {
    return S_OK([
      this.getRemoteAddress(), this.srv_getRemoteAddress(), this.getUserDN(), this.getUserName(), this.getUserGroup(),
      this.getProperties(), this.isRegisteredUser(), this.srv_getFormattedRemoteCredentials(),
      this.srv_getServiceName(), this.srv_getURL(), this.srv_getRemoteCredentials() === this.getRemoteCredentials(),
    ])
  }
  export_options() {
    return S_OK([
      this.getCSOption('Text'), this.getCSOption('Text', 'x'), this.getCSOption('Absent'), this.getCSOption('Absent', 7),
      this.getCSOption('Number', 1), this.getCSOption('Text', 1), this.getCSOption('Flag', false), this.getCSOption('Text', true),
      this.getCSOption('List', []), this.getCSOption('Pairs', {}), this.srv_getCSOption('/DIRAC/Setup', ''),
      this.getCSOption('Sub/Deep', 1n), this.getCSOptions(), this.getCSOptions('Sub'), this.getCSOption('toString', 'none'),
    ])
  }
  export_converted = convertToReturnValue(() => { throw new RangeError('converted') })
  export_plain = convertToReturnValue(async () => 5)
  export_structure = convertToReturnValue(() => S_ERROR('as it is'))
  export_status(status, reason = undefined) { throw new HTTPError(status, reason) }
  export_response() {
    return new TornadoResponse('moved').redirect('https://elsewhere/').set_header('X-A', 1).set_header('X-A', 'é\\n2')
      .add_header('X-A', '3').set_header('Content-Type', 'text/plain').set_header('Connection', 'close').set_header('a b', 'c')
  }
  export_stack() { return { OK: false, Errno: 0, Message: 'x', CallStack: ['here'], ExecInfo: [1] } }
  export_stackInside() { return S_OK({ CallStack: ['kept'] }) }
}
authorization(['decorated'])(Getters.prototype.export_two)
export class ByDefault extends RequestHandler {
  auth_default = ['all']
  export_any() { return S_OK(this.getRemoteCredentials()) }
}
`

const configuration = {
  DIRAC: { Setup: 'Test' },
  Systems: {
    A: {
      Services: {
        First: { List: ' a, b,,c ' },
        Second: { Broken: 'Yes', List: 'x' },
        Getters: {
          Text: 'some text',
          Number: '2.5',
          Flag: 'y',
          List: 'a, b',
          Pairs: 'a:b, c',
          Sub: { Deep: '123' },
        },
      },
    },
  },
}

const endpoints = ['A/First', 'A/Second', 'A/Refusing', 'A/Getters', 'A/ByDefault']
const classes = ['Hooked', 'Hooked', 'Refusing', 'Getters', 'ByDefault']
const remote = ['192.0.2.7', 4711] as const
const user = { DN: '/CN=x', username: 'alice', group: 'users', properties: ['NormalUser'] }

let given: ConfigurationTree = configuration

async function started(): Promise<
  TestPlace & { ask: (service: string, method: string, args?: unknown, told?: object) => Promise<unknown> }
> {
  const place = placeFor({
    lib: {
      'test/Handlers.js': hooked,
      ...Object.fromEntries(classes.map((name) => [`test/${name}.js`, `export { ${name} } from './Handlers.js'`])),
    },
    services: endpoints.map((name, index) => ({ name, className: `test.${classes[index]}`, scope: 'Request' })),
    spec: { supervision: supervised({ interval: 20 }) },
    listener: { configuration: () => given },
  })
  await place.place.start()
  return {
    ...place,
    async ask(service, method, args = [], told = { credentials: user, remote, base: 'https://node:8443' }) {
      const { status, body } = await place.call(method, args, endpoints.indexOf(service), told)
      const { Value, Message } = JSON.parse(body) as { Value?: unknown; Message?: string }
      return status === 200 ? (Value ?? Message) : [status, Message]
    },
  }
}

describe("a handler of DIRAC's kind", () => {
  it('is initialised once, at the first request, by those that come together; each service keeps its own state', async () => {
    const { ask } = await started()
    const info = (name: string, list: string[]): object => ({
      serviceName: `A/${name}`,
      serviceSectionPath: `/Systems/A/Services/${name}`,
      csPaths: [`/Systems/A/Services/${name}`],
      URL: `https://node:8443/A/${name}`,
      list,
    })
    const first = [0, 1, [info('First', ['a', 'b', 'c'])]]
    const together = await Promise.all([ask('A/First', 'infos'), ask('A/First', 'infos'), ask('A/First', 'infos')])
    expect(together).toEqual([first, first, first])

    const failed = [500, 'The service could not be initialised; its log says why']
    expect(await Promise.all([ask('A/Second', 'ping'), ask('A/Second', 'infos')])).toEqual([failed, failed])
    const second = [0, 2, [info('Second', ['x'])]]
    expect(await ask('A/Second', 'infos')).toEqual(second)
    expect(await ask('A/First', 'infos')).toEqual(first)
  })

  it('is a new object for each call, prepared with its caller, also after an await', async () => {
    const { ask } = await started()
    const as = (username: string, port: number): object => ({
      credentials: { ...user, username },
      remote: ['2001:db8::1', port],
    })
    expect(await ask('A/First', 'prepared')).toEqual(['alice'])
    expect(await ask('A/First', 'prepared', [], as('bob', 1))).toEqual(['bob'])
    expect(
      await Promise.all([ask('A/First', 'late', [], as('bob', 1)), ask('A/First', 'late', [], as('eve', 2))]),
    ).toEqual(['([2001:db8::1]:1)[users:bob]', '([2001:db8::1]:2)[users:eve]'])
    expect(await ask('A/First', 'late', [], {})).toBe('(:0)[visitor:anonymous]')
    expect(await ask('A/First', 'finished', [4])).toEqual([4, 8, '/CN=x'])
    expect(await ask('A/First', 'whoami')).toEqual(user)
    expect(await ask('A/Refusing', 'echo', [1])).toEqual([403, 'Not today'])
  })

  it('knows its caller and its options by the names that DIRAC has', async () => {
    const { ask } = await started()
    expect(await ask('A/Getters', 'all')).toEqual([
      remote,
      remote,
      '/CN=x',
      'alice',
      'users',
      ['NormalUser'],
      true,
      '(192.0.2.7:4711)[users:alice]',
      'A/Getters',
      '/A/Getters',
      true,
    ])
    expect(await ask('A/Getters', 'options')).toEqual([
      'some text',
      'some text',
      null,
      7,
      2.5,
      1,
      true,
      false,
      ['a', 'b'],
      { a: 'b', c: true },
      'Test',
      123,
      { Text: 'some text', Number: '2.5', Flag: 'y', List: 'a, b', Pairs: 'a:b, c' },
      { Deep: '123' },
      'none',
    ])
  })

  it('sees another configuration soon after it has changed', async () => {
    const { ask } = await started()
    const options = async (): Promise<unknown> => ((await ask('A/Getters', 'options')) as unknown[])[0]
    expect(await options()).toBe('some text')
    given = { Systems: { A: { Services: { Getters: { Text: 'another' } } } } }
    onTestFinished(() => {
      given = configuration
    })
    await expect.poll(options).toBe('another')
  })

  it('answers with a status, headers and structures of its own', async () => {
    const { ask, place } = await started()
    expect(await ask('A/Getters', 'converted')).toBe("RangeError('converted')")
    expect(await ask('A/Getters', 'plain')).toBe(5)
    expect(await ask('A/Getters', 'structure')).toBe('as it is')
    expect(await ask('A/Getters', 'stackInside')).toEqual({ CallStack: ['kept'] })
    const reply = (method: string, args: unknown[] = []): Promise<unknown> =>
      new Promise((resolve) => {
        place.call({ endpoint: 3, method, args: JSON.stringify(args) }, ({ body, ...rest }) =>
          resolve({ ...rest, body: Buffer.from(body).toString() }),
        )
      })
    expect(await reply('status', [418, 'Custom reason'])).toEqual({
      status: 418,
      reason: 'Custom reason',
      contentType: 'application/json',
      body: '{"OK":false,"Errno":0,"Message":"Custom reason"}',
    })
    expect(await reply('status', [404])).toMatchObject({ status: 404, body: expect.stringContaining('the status 404') })
    expect(await reply('status', [200])).toMatchObject({ status: 500 })
    expect(await reply('response')).toEqual({
      status: 302,
      contentType: 'text/plain',
      headers: [
        ['Location', 'https://elsewhere/'],
        ['X-A', '??2'],
        ['X-A', '3'],
      ],
      body: 'moved',
    })
    expect(await reply('stack')).toMatchObject({ status: 200, body: '{"OK":false,"Errno":0,"Message":"x"}' })
  })

  it('says who may call: auth_ before @authorization before DEFAULT_AUTHORIZATION', async () => {
    const { place } = await started()
    const registered = (await place.start()).endpoints
    expect(registered[3]?.methods).toMatchObject({
      own: { rule: ['own'] },
      two: { rule: ['decorated'] },
      all: { rule: ['authenticated', 'group:a'] },
      ping: { rule: ['all'] },
    })
    expect(registered[0]?.methods).toMatchObject({ infos: { rule: ['all'] }, late: { rule: undefined } })
    expect(registered[2]?.methods).toMatchObject({
      ping: { rule: ['NormalUser'] },
      whoami: { rule: ['authenticated'] },
    })
    expect(registered[4]?.methods).toMatchObject({ any: { rule: ['all'] } })
    expect(registered.map(({ asksOrigin }) => asksOrigin)).toEqual([true, true, true, true, true])
  })

  it('that checks arguments takes as many as its signature says', async () => {
    const { ask } = await started()
    const failed = [500, 'The service failed to answer; its log says why']
    expect(await ask('A/Getters', 'two')).toEqual(failed)
    expect(await ask('A/Getters', 'two', [1])).toEqual([1, [1, 2]])
    expect(await ask('A/Getters', 'two', [1, 2])).toEqual([1, 2])
    expect(await ask('A/Getters', 'two', [1, 2, 3])).toEqual(failed)
    expect(await ask('A/Getters', 'own', [1, 2, 3, 4])).toEqual([1, 2, [3, 4]])
    expect(await ask('A/Getters', 'all', [1])).toEqual(failed)
    expect(await ask('A/First', 'prepared', [1])).toEqual(['alice'])
    expect(await ask('A/First', 'ping', [1])).toEqual(failed)
    expect(await ask('A/ByDefault', 'any', [], {})).toEqual({})
  })
})
