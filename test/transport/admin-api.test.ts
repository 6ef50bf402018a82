import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { RunningOperation } from '../../src/container/operation.ts'
import type { RefusalNote } from '../../src/container/refusals.ts'
import { fileIdentity } from '../../src/store/file-identity.ts'
import { routes } from '../../src/transport/admin/routes.ts'
import { named } from '../../src/transport/admin/schemas.ts'
import { openAdmin } from '../support/admin.ts'
import { FakeNode, instanceView, plan, report } from '../support/fake-node.ts'
import { tableRows } from '../support/markdown-table.ts'

const base = '/admin/v1'

/** One request for each route, by its verb and path. */
const examples: Readonly<Record<string, { readonly path: string; readonly body?: string }>> = {
  'get /node': { path: '/node' },
  'post /node/stop': { path: '/node/stop' },
  'get /deployments': { path: '/deployments' },
  'post /deployments': { path: '/deployments?name=samples_echo.gar&mode=open', body: 'bytes' },
  'get /deployments/{garId}': { path: '/deployments/samples_echo' },
  'delete /deployments/{garId}': { path: '/deployments/samples_echo' },
  'get /deployments/{garId}/history': { path: '/deployments/samples_echo/history' },
  'post /deployments/{garId}/rollback': { path: '/deployments/samples_echo/rollback' },
  'get /operations': { path: '/operations' },
  'get /operations/{id}': { path: '/operations/o1' },
  'get /operations/{id}/events': { path: '/operations/o1/events' },
  'get /instances': { path: '/instances?all=true' },
  'get /instances/{name}': { path: '/instances/Samples%2FEcho?log=2' },
  'get /instances/{name}/log': { path: '/instances/samples_echo/log?lines=2&since=2026-02-03T04:05:06.789Z' },
  'get /instances/{name}/flight': { path: '/instances/samples_echo/flight' },
  'post /instances/{name}/enable': { path: '/instances/samples_echo/enable' },
  'post /instances/{name}/disable': { path: '/instances/samples_echo/disable' },
  'post /instances/{name}/restart': { path: '/instances/samples_echo/restart' },
  'get /stubs': { path: '/stubs' },
  'get /refusals': { path: '/refusals?count=1' },
  'get /refusals/{id}': { path: '/refusals/of-an-example' },
  'get /audit': { path: '/audit?lines=1&what=started' },
  'get /audit/verification': { path: '/audit/verification' },
  'get /lifecycle': { path: '/lifecycle' },
}
const bob = { subject: '/CN=Bob', issuer: '/CN=CA', serial: '01' }
const refusalNote: RefusalNote = {
  id: 'of-an-example',
  kind: 'call',
  code: 'DHN_CERTIFICATE_REFUSED',
  told: 'Unauthorized query',
  what: 'Samples/Echo.echo',
  who: { via: 'https', claimed: '/CN=Bob' },
  from: '10.0.0.1',
  credential: {
    certificates: [bob, null],
    accepted: { rights: 'full', proxy: false, notAfter: '2027-02-03T04:05:06.789Z' },
    failed: { reason: 'revoked', check: 'revocation', certificate: bob, index: 0, message: 'it is revoked' },
  },
  rule: {
    text: 'all',
    place: { kind: 'service', where: 'auth_echo', file: 'x', line: 1 },
    step: 'authz',
    reason: 'no',
  },
}
const dryRuns = [
  ['post', '/deployments?name=samples_echo.gar&dryRun=true'],
  ['delete', '/deployments/samples_echo?dryRun=true'],
  ['post', '/deployments/samples_echo/rollback?dryRun=true'],
] as const

describe('each route', () => {
  it.each(routes.map((route) => [`${route.verb} ${route.path}`, route] as const))(
    '%s answers as its schema says, without a field more',
    async (name, { verb, answers }) => {
      const { ask, audit, refusals } = await openAdmin()
      refusals.noted(refusalNote)
      await audit.record({
        kind: 'log',
        who: { via: 'node' },
        what: 'node started',
        outcome: 'noted',
        facts: { pid: 1 },
      })
      const example = examples[name]
      expect(example, `an example for ${name}`).toBeDefined()
      const answer = await ask(verb, `${base}${example?.path}`, example?.body)
      const described = answers[answer.status as 200]
      expect(described, answer.text).toBeDefined()
      if (described === undefined) return
      const name_ = described.schema
      if (name_ === 'text') {
        expect([answer.headers['content-type'], answer.text]).toEqual(['text/plain; charset=utf-8', 'one\ntwo\n'])
        return
      }
      const schema = typeof name_ === 'string' ? named[name_] : z.array(named[name_[0]])
      const value = described.lines ? JSON.parse(answer.text) : answer.json
      // What the schema doesn't know is taken away by parsing.
      expect(schema.parse(value)).toEqual(value)
    },
  )

  it.each(dryRuns)('%s %s answers with a plan', async (verb, path) => {
    const { ask } = await openAdmin()
    const answer = await ask(verb, `${base}${path}`, '')
    expect([answer.status, named.Plan.safeParse(answer.json).error]).toEqual([200, undefined])
  })

  it('is in the OpenAPI document, and nothing else is', async () => {
    const { ask } = await openAdmin()
    const { json } = await ask('get', `${base}/openapi.json`)
    const { openapi, paths, components } = json as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>
      components: { schemas: Record<string, unknown> }
    }
    expect(openapi).toBe('3.1.0')
    const documented = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb} ${path}`),
    )
    expect(documented.sort()).toEqual(routes.map(({ verb, path }) => `${verb} ${path}`).sort())
    const ids = Object.values(paths).flatMap((verbs) => Object.values(verbs).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(routes.length)
    for (const { verb, path } of routes) {
      const inPath = paths[path]?.[verb]?.parameters.filter((each) => each.in === 'path').map(({ name }) => name)
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]))
    }
    const references = [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      (found) => found[1],
    )
    expect([...new Set(references)].filter((name) => components.schemas[name as string] === undefined)).toEqual([])
    expect(Object.keys(components.schemas).sort()).toEqual(Object.keys(named).sort())
  })

  it('is on the page docs/admin-api.md', async () => {
    const page = await readFile(new URL('../../docs/admin-api.md', import.meta.url), 'utf8')
    const rows = routes.map(({ verb, path, summary }) => [`\`${verb.toUpperCase()} ${path}\``, summary])
    expect(tableRows(page, 'request')).toEqual(rows)
  })
})

describe('a request', () => {
  it('reaches the node with what it says', async () => {
    const { ask, node, stopped } = await openAdmin()
    await ask('post', `${base}/deployments?name=a%20b.gar&lenient=true`, 'bytes of the archive')
    await ask('delete', `${base}/deployments/x.y`)
    await ask('get', `${base}/instances`)
    await ask('post', `${base}/instances/Samples%2FCounter/disable`)
    expect(node.asked).toEqual([
      ['deploy', { name: 'a b.gar', mode: 'secure', lenient: true }],
      ['undeploy', 'x.y'],
      ['instances', false],
      ['disable', 'Samples/Counter'],
    ])
    expect(node.archives).toEqual(['bytes of the archive'])
    const { json } = await ask('get', `${base}/instances/x?log=2`)
    expect(json).toEqual({ ...instanceView, lastLines: ['two', 'three'] })
    expect(stopped()).toBe(0)
    expect((await ask('post', `${base}/node/stop`)).status).toBe(202)
    expect(stopped()).toBe(1)
  })

  it.each([
    ['post', '/deployments', 'name'],
    ['post', '/deployments?name=a/b.gar', 'name'],
    ['post', '/deployments?name=a.gar&name=b.gar', 'name'],
    ['post', '/deployments?name=a.gar&mode=nosec', 'mode'],
    ['post', '/deployments?name=a.gar&dryrun=true', 'dryrun'],
    ['delete', '/deployments/x?dryRun=yes', 'dryRun'],
    ['delete', '/deployments/x?force=true', 'force'],
    ['get', '/instances?all=1', 'all'],
    ['get', '/instances/x?log=-1', 'log'],
    ['get', '/instances/x?log=10001', 'log'],
    ['get', '/instances/x?log=1e3', 'log'],
    ['get', '/instances/%ff', ''],
  ])('%s %s is refused, naming the field', async (verb, path, field) => {
    const { ask, node } = await openAdmin()
    const answer = await ask(verb, `${base}${path}`)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ code: 'DHN_REQUEST_INVALID', facts: { field }, next: /openapi/ })
    expect(node.asked).toEqual([])
  })

  it.each([
    ['get', '/nothing', 404, 'DHN_ROUTE_UNKNOWN'],
    ['get', '', 404, 'DHN_ROUTE_UNKNOWN'],
    ['get', '/deployments/x/y', 404, 'DHN_ROUTE_UNKNOWN'],
    ['get', '/deployments/unknown', 404, 'DHN_DEPLOYMENT_UNKNOWN'],
    ['get', '/operations/o2', 404, 'DHN_OPERATION_UNKNOWN'],
    ['get', '/operations/o2/events', 404, 'DHN_OPERATION_UNKNOWN'],
    ['post', '/deployments?url=https://here/a.gar', 403, 'DHN_URL_NOT_ALLOWED'],
    ['post', '/instances/failed/enable', 409, 'DHN_TRANSITION_ILLEGAL'],
    ['put', '/deployments/x', 405, 'DHN_VERB_NOT_ALLOWED'],
    ['patch', '/node', 405, 'DHN_VERB_NOT_ALLOWED'],
    ['get', '/node/stop', 405, 'DHN_VERB_NOT_ALLOWED'],
  ])('%s %s is answered %i %s', async (verb, path, status, code) => {
    const { ask } = await openAdmin()
    const answer = await ask(verb, `${base}${path}`)
    expect([answer.status, (answer.json as { code: string }).code]).toEqual([status, code])
    expect(named.ErrorData.parse(answer.json)).toEqual(answer.json)
  })

  it('for another verb is told which there are', async () => {
    const { ask } = await openAdmin()
    const { headers, json } = await ask('put', `${base}/deployments`)
    expect(headers.allow).toBe('GET, HEAD, POST')
    expect(json).toMatchObject({ facts: { allowed: ['GET', 'HEAD', 'POST'] } })
    expect((await ask('head', `${base}/deployments`)).status).toBe(200)
  })

  it('that meets a defect is answered without a stack, which goes to the log', async () => {
    const node = new FakeNode()
    node.list = () => {
      throw new TypeError('x is not a function')
    }
    const { ask, log } = await openAdmin(node)
    const answer = await ask('get', `${base}/deployments`)
    expect([answer.status, answer.json]).toEqual([500, { code: 'DHN_INTERNAL', message: 'x is not a function' }])
    expect(log.lines).toEqual(['error a request failed'])
  })

  it('is answered with headers that browsers heed, and none that tell of express', async () => {
    const { ask } = await openAdmin()
    const { headers } = await ask('get', `${base}/node`)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.any(String),
    })
    expect(headers['x-powered-by']).toBeUndefined()
  })
})

describe('an upload', () => {
  const deploy = `${base}/deployments?name=a.gar`

  it('of exactly the limit is taken, one byte more is not and leaves nothing', async () => {
    const { ask, staging, node } = await openAdmin()
    expect((await ask('post', deploy, Buffer.alloc(1000))).status).toBe(202)
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const answer = await ask('post', deploy, Buffer.alloc(1001), headers)
      expect([answer.status, answer.json]).toMatchObject([
        413,
        { code: 'DHN_UPLOAD_TOO_LARGE', facts: { limit: 1000 } },
      ])
    }
    expect(readdirSync(staging)).toEqual([])
    expect(node.asked).toHaveLength(1)
  })

  it('whose sender goes away leaves nothing', async () => {
    const { socket, staging, node } = await openAdmin()
    const sending: ClientRequest = request({
      socketPath: socket,
      method: 'POST',
      path: deploy,
      headers: { 'content-length': 900 },
    })
    sending.on('error', () => undefined)
    sending.write(Buffer.alloc(100))
    await expect.poll(() => existsSync(staging) && readdirSync(staging).length).toBe(1)
    sending.destroy()
    await expect.poll(() => readdirSync(staging)).toEqual([])
    expect(node.asked).toEqual([])
  })

  it('is taken from where it lies when that is the file its sender means, whose bytes it stays', async () => {
    const node = new FakeNode()
    const taken: { readonly bytes: string; readonly mode: number }[] = []
    node.plan = ({ file }) => {
      taken.push({ bytes: readFileSync(file, 'utf8'), mode: statSync(file).mode & 0o777 })
      return Promise.resolve(plan)
    }
    const { ask, staging } = await openAdmin(node)
    const file = join(mkdtempSync(join(tmpdir(), 'dhn-lies-')), 'a.gar')
    onTestFinished(() => rmSync(dirname(file), { recursive: true }))
    writeFileSync(file, 'archive', { mode: 0o644 })
    const at = async (path: string, identity: string | undefined) => {
      const query = new URLSearchParams({ name: 'a.gar', dryRun: 'true', at: path, ...(identity && { identity }) })
      return await ask('post', `${base}/deployments?${query}`)
    }
    const identity = await fileIdentity(file)
    expect((await at(file, identity)).status).toBe(200)
    expect(taken).toEqual([{ bytes: 'archive', mode: 0o600 }])
    expect(existsSync(file)).toBe(true)

    writeFileSync(file, 'changed')
    for (const path of [file, `${file}.gone`, dirname(file)]) {
      expect([path, (await at(path, identity)).json]).toMatchObject([path, { code: 'DHN_UPLOAD_ELSEWHERE' }])
    }
    expect((await at(file, undefined)).json).toMatchObject({ code: 'DHN_REQUEST_INVALID' })
    expect((await at('a.gar', identity)).json).toMatchObject({ code: 'DHN_REQUEST_INVALID' })
    writeFileSync(file, Buffer.alloc(1001))
    expect((await at(file, await fileIdentity(file))).json).toMatchObject({ code: 'DHN_UPLOAD_TOO_LARGE' })
    expect(readdirSync(staging)).toEqual([])
    expect(taken).toHaveLength(1)
  })

  it('that is only planned with leaves nothing, nor does one that the node refuses', async () => {
    const node = new FakeNode()
    const { ask, staging } = await openAdmin(node)
    node.plan = () => Promise.resolve(plan)
    expect((await ask('post', `${deploy}&dryRun=true`, 'bytes')).status).toBe(200)
    expect(readdirSync(staging)).toEqual([])
    node.plan = () => Promise.reject(new Error('refused'))
    expect((await ask('post', `${deploy}&dryRun=true`, 'bytes')).status).toBe(500)
    expect(readdirSync(staging)).toEqual([])
  })
})

describe('an operation', () => {
  it('is followed to its end: the report as it stands, each change, the closed one', async () => {
    const node = new FakeNode()
    const operation = new RunningOperation('DEPLOY', 'samples_echo')
    node.running = operation
    const { socket } = await openAdmin(node)
    const lines = new Lines(socket, `${base}/operations/${operation.id}/events`)
    expect(await lines.next()).toMatchObject({ status: 'OPEN', steps: [] })
    await operation.step('unpack', () => undefined)
    expect(await lines.next()).toMatchObject({ steps: [{ name: 'unpack' }] })
    operation.close({ ...operation.closing('done') })
    const rest = await lines.rest()
    expect(rest.at(-1)).toMatchObject({ status: 'CLOSED', outcome: 'done' })
  })

  it('that has ended is one line', async () => {
    const { socket } = await openAdmin()
    const lines = new Lines(socket, `${base}/operations/o1/events`)
    expect(await lines.rest()).toEqual([report])
  })

  it('has its number told when its beginning is kept, and not before', async () => {
    const node = new FakeNode()
    const operation = new RunningOperation('UNDEPLOY', 'samples_echo')
    node.running = operation
    const { ask } = await openAdmin(node)
    const told: string[] = []
    const asked = ask('delete', `${base}/deployments/samples_echo`).then(({ json }) => told.push(JSON.stringify(json)))
    await ask('get', `${base}/node`).then(() => told.push('the node'))
    operation.hasBegun()
    await asked
    expect(told).toEqual(['the node', JSON.stringify({ operation: operation.id })])
  })

  it('is no longer followed when the reader goes away', async () => {
    const node = new FakeNode()
    const operation = new RunningOperation('DEPLOY', 'samples_echo')
    let following = 0
    node.running = {
      id: operation.id,
      report: operation.report,
      begun: operation.begun,
      closed: operation.closed,
      follow(listener) {
        following++
        const stop = operation.follow(listener)
        return () => {
          following--
          stop()
        }
      },
    }
    const { socket } = await openAdmin(node)
    const lines = new Lines(socket, `${base}/operations/${operation.id}/events`)
    await lines.next()
    expect(following).toBe(1)
    lines.leave()
    await expect.poll(() => following).toBe(0)
  })
})

/** The lines of an answer as they come. */
class Lines {
  readonly #request: ClientRequest
  readonly #values: unknown[] = []
  #ended = false
  #wake = (): void => undefined

  constructor(socketPath: string, path: string) {
    let text = ''
    this.#request = request({ socketPath, path, agent: false }, (response) => {
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n')
        text = lines.pop() ?? ''
        this.#values.push(...lines.map((line) => JSON.parse(line) as unknown))
        this.#wake()
      })
      response.once('end', () => {
        this.#ended = true
        this.#wake()
      })
    })
    this.#request.on('error', () => undefined).end()
  }

  async next(): Promise<unknown> {
    while (this.#values.length === 0) await this.#change()
    return this.#values.shift()
  }

  async rest(): Promise<unknown[]> {
    while (!this.#ended) await this.#change()
    return this.#values
  }

  leave(): void {
    this.#request.destroy()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
