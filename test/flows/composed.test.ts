import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import type { DeploymentReport, NodeView } from '../../src/container/views.ts'
import { HomeLocked } from '../../src/store/store-errors.ts'
import { routes } from '../../src/transport/admin/routes.ts'
import { named } from '../../src/transport/admin/schemas.ts'
import { PortInUse } from '../../src/transport/errors.ts'
import { askSocket } from '../support/admin.ts'
import { composeNode, type TestComposed } from '../support/composed.ts'
import { call } from '../support/doors.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { archiveOf, type TestService } from '../support/test-service.ts'

const echo: TestService = { service: 'Samples/Echo', version: '1' }
const socketOf = ({ home }: TestComposed): string => join(home, 'run', 'admin.sock')

async function deploy(node: TestComposed, service: TestService): Promise<DeploymentReport> {
  const { name, bytes } = archiveOf(service)
  const socket = socketOf(node)
  const begun = await askSocket(socket, 'post', `/admin/v1/deployments?name=${name}&mode=open`, bytes)
  const { operation } = begun.json as { operation: string }
  const { text } = await askSocket(socket, 'get', `/admin/v1/operations/${operation}/events`)
  return JSON.parse(text.trim().split('\n').at(-1) as string) as DeploymentReport
}

function callSecurely(node: TestComposed, address: string, body: string): Promise<string> {
  const folder = join(node.home, 'etc/grid-security/certificates')
  const ca = readFileSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.0')) as string))
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const asked = request(address, { method: 'POST', ca, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.once('end', () => resolve(text))
    })
    asked.once('error', reject).end(body)
  })
}

/** The request id that a refused call is answered with. */
function requestIdOf(address: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
    const asked = request(address, { method: 'POST', rejectUnauthorized: false, headers, agent: false }, (response) => {
      response.resume()
      resolve(String(response.headers['x-request-id']))
    })
    asked.once('error', reject).end(body)
  })
}

describe('a node that is put together', () => {
  it('starts, deploys, serves at both doors, stops, and comes back as it was', async () => {
    const first = await composeNode()
    const view = await first.composed.start()
    expect(view).toMatchObject({ state: 'running', instances: {}, home: first.home, pid: process.pid })
    expect(view.addresses).toEqual([
      expect.stringMatching(/^https:\/\/localhost:\d+$/),
      expect.stringMatching(/^http:\/\/localhost:\d+$/),
    ])
    const report = await deploy(first, echo)
    expect(report).toMatchObject({ status: 'CLOSED', outcome: 'done' })
    const [https = '', http = ''] = report.newInstances[0]?.addresses ?? []
    const body = call('echo', ['x'])
    expect(JSON.parse(await callSecurely(first, https, body))).toMatchObject({ OK: true, Value: 'x' })
    const plain = await fetch(http, { method: 'POST', body: new URLSearchParams(body) })
    expect(await plain.json()).toMatchObject({ OK: true, Value: 'x' })
    await first.composed.stop()
    expect(existsSync(socketOf(first))).toBe(false)
    await expect(fetch(http, { method: 'POST' })).rejects.toThrow()

    const second = await composeNode({ home: first.home })
    const again = await second.composed.start()
    expect(again).toMatchObject({ id: view.id, state: 'running', instances: { ready: 1 } })
    const address = `${again.addresses[1]}/Samples/Echo`
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams(body) })
    expect(await answer.json()).toMatchObject({ OK: true, Value: 'x' })
  })

  it('stops when the admin API is asked to', async () => {
    const node = await composeNode()
    await node.composed.start()
    const answer = await askSocket(socketOf(node), 'post', '/admin/v1/node/stop')
    expect(answer.status).toBe(202)
    expect((answer.json as NodeView).state).toBe('running')
    await node.composed.stopped
    expect(existsSync(socketOf(node))).toBe(false)
    expect(node.told.at(-1)).toBe('info the node has stopped')
  })

  it('answers everything that the admin API has as its schemas say', async () => {
    const node = await composeNode()
    await node.composed.start()
    await deploy(node, { ...echo, stubs: [{ name: 'echo-stubs', version: '1.0.0', text: 'export const one = 1' }] })
    const failing = { service: 'Samples/Broken', on: { ready: "throw new Error('no')" } }
    const report = await deploy(node, failing)
    expect(report.outcome).toBe('failed')
    const https = node.composed.node?.view().addresses[0] ?? ''
    const refused = await requestIdOf(`${https}/Samples/Echo`, 'method=nonsense')
    const values = { garId: 'samples_echo', name: 'Samples%2FEcho' }
    for (const { verb, path, answers } of routes) {
      const answer = answers[200]
      if (verb !== 'get' || answer === undefined || answer.lines || answer.schema === 'text') continue
      const id = path.startsWith('/refusals') ? refused : report.id
      const asked = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof values | 'id') => ({ ...values, id })[name])
      const query = path === '/instances' ? '?all=true' : path === '/instances/{name}' ? '?log=5' : ''
      const { status, json } = await askSocket(socketOf(node), verb, `/admin/v1${asked}${query}`)
      expect(status, asked).toBe(200)
      const schema = typeof answer.schema === 'string' ? named[answer.schema] : z.array(named[answer.schema[0]])
      expect(schema.parse(json), asked).toEqual(json)
    }
    const plans = ['delete /deployments/samples_echo', 'post /deployments/samples_echo/rollback']
    for (const [verb = '', path] of plans.map((one) => one.split(' '))) {
      const { json } = await askSocket(socketOf(node), verb, `/admin/v1${path}?dryRun=true`)
      const schema = (json as { code?: string }).code === undefined ? named.Plan : named.ErrorData
      expect(schema.parse(json), path).toEqual(json)
    }
  })

  it('ends its process when the admin API is asked to stop it', async () => {
    const home = join(temporaryFolder(), 'h')
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
    const child = spawn(process.execPath, [main, 'start', '--home', home, '--port', '0'], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', (...how) => resolve(how)))
    onTestFinished(() => void child.kill('SIGKILL'))
    const socket = join(home, 'run', 'admin.sock')
    const isRunning = async (): Promise<boolean> => {
      const answer = await askSocket(socket, 'get', '/admin/v1/node').catch(() => undefined)
      return (answer?.json as NodeView | undefined)?.state === 'running'
    }
    await expect.poll(isRunning, { timeout: 15_000 }).toBe(true)
    await askSocket(socket, 'post', '/admin/v1/node/stop')
    expect(await ended).toEqual([0, null])
  })

  it('owns its home: a second one is refused and does no harm', async () => {
    const node = await composeNode()
    await node.composed.start()
    const second = await composeNode({ home: node.home })
    await expect(second.composed.start()).rejects.toThrow(HomeLocked)
    await second.composed.stop()
    expect((await askSocket(socketOf(node), 'get', '/admin/v1/node')).status).toBe(200)
    expect(node.composed.node?.view().state).toBe('running')
  })

  it('that can not open its doors leaves nothing running and gives the home back', async () => {
    const taken = createServer().listen(0)
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const node = await composeNode({ overrides: { port } })
    await expect(node.composed.start()).rejects.toThrow(PortInUse)
    await node.composed.stop()
    expect(existsSync(socketOf(node))).toBe(false)
    const other = await composeNode({ home: node.home })
    expect(await other.composed.start()).toMatchObject({ state: 'running' })
  })

  it('that fails when its doors are open leaves nothing running either', async () => {
    const opened = (): never => {
      throw new Error('nobody can be told')
    }
    const node = await composeNode({ overrides: { opened } })
    await expect(node.composed.start()).rejects.toThrow('nobody can be told')
    await node.composed.stopped
    expect(existsSync(socketOf(node))).toBe(false)
  })

  it('may be stopped while it starts, twice, and without having been started', async () => {
    const node = await composeNode()
    const starting = node.composed.start()
    await Promise.all([node.composed.stop(), node.composed.stop()])
    await starting
    expect(existsSync(socketOf(node))).toBe(false)
    await (await composeNode()).composed.stop()
  })

  it('tells what it does, and keeps it in its log as lines of JSON', async () => {
    const node = await composeNode({
      configuration: { warnings: ['etc/dhn.cfg, line 2: there is no option /DHN/port'] },
    })
    await node.composed.start()
    await node.composed.stop()
    expect(node.told).toContain('warn etc/dhn.cfg, line 2: there is no option /DHN/port')
    const lines = readFileSync(join(node.home, 'var/log/node.log'), 'utf8').trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      node.told.map((line) => line.replace(/^\w+ /, '')),
    )
  })

  it('gives services the CAs it trusts itself, beside those of Node, in one file', async () => {
    const node = await composeNode()
    await node.composed.start()
    const bundle = join(node.home, 'var/certificate-authorities.pem')
    expect(readFileSync(bundle, 'utf8').match(/BEGIN CERTIFICATE/g)).toHaveLength(1 + rootCertificates.length)
    expect(statSync(join(node.home, 'run')).mode & 0o777).toBe(0o700)
  })
})
