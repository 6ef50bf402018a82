import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { dhn } from '../support/dhn.ts'
import { initializedHomes } from '../support/home.ts'
import { temporaryFolder } from '../support/temporary.ts'

const homes = initializedHomes()

const handler = (name: string): string => `
import { RequestHandler, S_OK } from 'dhn/service'
export class ${name}Handler extends RequestHandler {
  auth_greet = ['all']
  export_greet() { return S_OK(this.srv_getCSOption('Greeting', 'nothing')) }
}`

const section = (...services: readonly string[]): string =>
  ['Systems', '{', 'Samples', '{', 'Services', '{', ...services, '}', '}', '}'].join('\n')

const service = (name: string, ...options: readonly string[]): string => [name, '{', ...options, '}'].join('\n')

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const notThere = 'no service has this address'

/** A node with these services in a file of its own. */
async function given(...services: readonly (readonly [name: string, ...options: readonly string[]])[]) {
  const [home, folder] = [homes(), temporaryFolder()]
  onTestFinished(async () => {
    await dhn(['stop'], { home })
  })
  for (const [name] of services) writeFileSync(join(folder, `${name}Handler.js`), handler(name))
  const file = join(folder, 'samples.cfg')
  const texts = services.map(([name, ...options]) =>
    service(name, `HandlerPath = ${join(folder, `${name}Handler.js`)}`, ...options),
  )
  writeFileSync(file, section(...texts))
  const run = async (...words: readonly string[]) => {
    const ran = await dhn([...words], { home })
    return { ...ran, json: () => JSON.parse(ran.stdout) }
  }
  const trust = ['--trust', join(home, 'etc', 'grid-security', 'certificates'), '--json']
  return {
    folder,
    file,
    start: (...words: readonly string[]) => run('start', '--detach', '--port', '0', '--json', ...words),
    running: async () =>
      (await run('ri', 'list', '--json'))
        .json()
        .map((one: { garId: string; state: string }) => `${one.garId} ${one.state}`),
    stop: () => run('stop'),
    greet: async (base: string, name: string) => {
      const { stdout } = await run('call', `${base}/Samples/${name}`, 'greet', ...trust)
      const { Value, Message, error } = JSON.parse(stdout)
      return Value ?? Message ?? error.code
    },
  }
}

it.each(['1', '2'])(
  'dhn start takes all services with Protocol = https, extra files and options, with %s fronts',
  async (fronts) => {
    const port = await freePort()
    const node = await given(
      ['Echo', 'Protocol = HTTPS', `Port = ${port}`],
      ['Other', 'Protocol = https', 'Greeting = file'],
      ['Third', 'Greeting = never'],
    )
    const more = join(node.folder, 'more.cfg')
    writeFileSync(more, section(service('Echo', 'Greeting = more'), service('Other', 'Greeting = more')))
    const option = '/Systems/Samples/Services/Other/Greeting=option'
    const files = ['--cfg', node.file, '--cfg', more, '-o', option, '-o', `/DHN/Fronts=${fronts}`]
    const started = await node.start(...files, '--debug')
    expect(started.code, started.stderr).toBe(0)
    const [base] = started.json().addresses
    const own = `https://localhost:${port}`
    expect(await node.running()).toEqual(['Samples:Echo ready', 'Samples:Other ready'])
    const asked = [node.greet(base, 'Echo'), node.greet(base, 'Other'), node.greet(base, 'Third')]
    expect(await Promise.all(asked)).toEqual(['more', 'option', notThere])
    expect(await Promise.all([node.greet(own, 'Echo'), node.greet(own, 'Other')])).toEqual(['more', notThere])
  },
)

it('dhn start --services takes those that are named, at the ports that are named with them', async () => {
  const [named, port] = await Promise.all([freePort(), freePort()])
  const node = await given(
    ['Echo', 'Protocol = https'],
    ['Other', 'Protocol = https', `Port = ${port}`, 'Greeting = other'],
    ['Third', 'Greeting = third'],
  )
  const started = await node.start('--cfg', node.file, '--services', `Samples/Other,Samples/Third:${named}`)
  const [base] = started.json().addresses
  expect(await node.running()).toEqual(['Samples:Other ready', 'Samples:Third ready'])
  const asked = [base, `https://localhost:${named}`, `https://localhost:${port}`].map((one) => node.greet(one, 'Third'))
  expect(await Promise.all(asked)).toEqual(['third', 'third', 'DHN_CALL_FAILED'])
  expect(await Promise.all([node.greet(base, 'Other'), node.greet(base, 'Echo')])).toEqual(['other', notThere])
})

it('dhn start says which service wants a port that is taken', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const node = await given(['Echo', 'Protocol = https', `Port = ${port}`])
  const started = await node.start('--cfg', node.file)
  expect(started.code).toBe(1)
  expect(started.stderr + started.stdout).toContain('DHN_PORT_IN_USE')
  expect(started.stderr + started.stdout).toContain('/Systems/Samples/Services/Echo/Port')
})
