import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { startNode, until } from '../support/node.ts'
import type { TestService } from '../support/test-service.ts'

const garId = 'samples_echo'
const path = '/Samples/Echo'
const echo = (more: Partial<TestService> = {}): TestService => ({ service: 'Samples/Echo', ...more })

// The rows of architecture.md, section 4, with real processes.
describe('the life of a running instance', () => {
  it('ready() throws: failed, failed() is called, the cause is kept and shown', async () => {
    const { deploy, node, notes } = await startNode()
    const report = await deploy(echo({ on: { ready: "throw new Error('no database')" } }))
    expect(report.cause).toMatchObject({ code: 'DHN_CALLBACK_FAILED', message: expect.stringContaining('no database') })
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'failed 1'])
    expect(node.instance(garId)).toMatchObject({ state: 'failed', cause: report.cause })
  })

  it('ready() takes too long: failed, the same way', async () => {
    const limits = { start: 15_000, ready: 100, callback: 5_000, gates: 10_000, drain: 5_000, stop: 5_000 }
    const { deploy, notes } = await startNode({ config: { limits } })
    const report = await deploy(echo({ on: { ready: 'await new Promise(() => setInterval(() => {}, 1000))' } }))
    expect(report).toMatchObject({ outcome: 'failed', cause: { message: expect.stringContaining('ready()') } })
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'failed 1'])
  })

  it('a constructor throws, a module is missing, nothing registers in time: failed with what happened', async () => {
    const limits = { start: 400, ready: 5_000, callback: 5_000, gates: 10_000, drain: 5_000, stop: 5_000 }
    const { deploy } = await startNode({ config: { limits } })
    const throws = await deploy(echo({ body: "static { throw new Error('not today') }" }))
    expect(throws.cause?.message).toContain('not today')
    const hangs = await deploy(echo({ imports: 'await new Promise(() => setInterval(() => {}, 1000))' }))
    expect(hangs).toMatchObject({ outcome: 'failed' })
    expect(hangs.cause?.message).toMatch(/400 ms/)
  })

  it('disabled: disabled() is called when calls in flight have ended, new calls get 503, ready() runs again', async () => {
    const { deploy, node, notes, call } = await startNode()
    await deploy(
      echo({
        body: "async export_long() { await new Promise((r) => setTimeout(r, 300)); note('answered'); return S_OK(1) }",
      }),
    )
    const long = call(path, 'long')
    const disabling = node.disable(garId)
    await until(() => node.instance(garId).state === 'disabled', 'it is disabled')
    expect(await call(path, 'version')).toMatchObject({ status: 503, refused: 'DHN_DISABLED', retryAfter: 30 })
    expect(await disabling).toMatchObject({ state: 'disabled', desired: 'disabled', why: 'an operator disabled it' })
    expect(await long).toMatchObject({ status: 200 })
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'answered 1', 'disabled 1'])
    // Already so: nothing happens.
    expect(await node.disable('Samples/Echo')).toMatchObject({ state: 'disabled' })
    expect(await node.enable('Samples/Echo')).toMatchObject({ state: 'ready', desired: 'ready' })
    expect(notes(garId).slice(4)).toEqual(['ready 1'])
    expect(await call(path, 'version')).toMatchObject({ status: 200 })
  })

  it('a drain ends at its deadline, and a call that is cut is answered all the same', async () => {
    const limits = { start: 15_000, ready: 5_000, callback: 5_000, gates: 10_000, drain: 100, stop: 300 }
    const { deploy, node, call, log } = await startNode({ config: { limits } })
    await deploy(echo())
    const long = call(path, 'slow', 60_000)
    await node.undeploy(garId).closed
    expect(await long).toMatchObject({ status: 500 })
    expect(log.find((line) => line.startsWith('calls were still in flight'))).toContain('"cut":1')
  })

  it('setState: what a service may ask for, and a typed error that changes nothing for what it may not', async () => {
    const { deploy, node, call, notes } = await startNode()
    const asked =
      "try { await NAL.setState('ready') } catch (error) { note(error.code + ' ' + error.from + ' ' + error.to) }"
    await deploy(echo({ on: { ready: asked } }))
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'DHN_TRANSITION_ILLEGAL readying ready 1'])
    expect(await call(path, 'state', 'ready')).toMatchObject({ status: 200 })
    expect(await call(path, 'state', 'disabled', 'maintenance')).toMatchObject({ status: 200 })
    await until(() => notes(garId).includes('disabled 1'), 'disabled() was called')
    expect(node.instance(garId)).toMatchObject({
      state: 'disabled',
      desired: 'ready',
      why: 'its service disabled it: maintenance',
    })
    expect(await node.enable(garId)).toMatchObject({ state: 'ready' })
    expect(await call(path, 'state', 'failed', 'the disk is gone')).toMatchObject({ status: 200 })
    await until(() => node.instance(garId).state === 'ready', 'it was started again')
    expect(notes(garId).slice(-5, -1)).toEqual(['failed 1', 'load 1', 'redeployed 1', 'ready 1'])
  })

  it('crash: calls get 500 then 503, the policy starts a substitute, whose redeployed() comes before ready()', async () => {
    const { deploy, node, call, notes } = await startNode({
      config: {
        restart: {
          firstDelay: 200,
          longestDelay: 200,
          jitter: 0,
          healthyAfter: 60_000,
          giveUp: { failures: 5, within: 60_000 },
        },
      },
    })
    await deploy(echo())
    const { id } = node.instance(garId)
    expect(await call(path, 'crash')).toMatchObject({ status: 500 })
    await until(() => node.instance(garId).restarts.nextAt !== undefined, 'the next attempt is known')
    expect(await call(path, 'version')).toMatchObject({ status: 503, refused: 'DHN_FAILED', retryAfter: 1 })
    expect(node.instance(garId)).toMatchObject({ state: 'failed', cause: { code: 'DHN_PLACE_ENDED' } })
    await until(() => node.instance(garId).state === 'ready', 'a substitute is ready')
    expect(node.instance(garId)).toMatchObject({ id, restarts: { count: 1, gaveUp: false } })
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'load 1', 'redeployed 1', 'ready 1'])
    expect(await call(path, 'version')).toMatchObject({ status: 200 })
  })

  it('gives up after too many failures, says so, and is started again by an operator or stopped by an undeploy', async () => {
    const { deploy, node, call, home } = await startNode()
    const flag = home.var('state', garId, 'bad')
    await deploy(
      echo({
        imports: "import { existsSync } from 'node:fs'",
        on: { ready: "if (existsSync(join(NAL.getPersistentDirectory(), 'bad'))) throw new Error('bad')" },
      }),
    )
    await writeFile(flag, '')
    await call(path, 'crash')
    await until(() => node.instance(garId).restarts.gaveUp, 'it gave up')
    expect(node.instance(garId)).toMatchObject({
      state: 'failed',
      why: expect.stringContaining('3 failures within 60 s'),
    })
    await expect(node.enable(garId)).rejects.toMatchObject({
      code: 'DHN_TRANSITION_ILLEGAL',
      from: 'failed',
      to: 'ready',
    })
    const report = await node.restart(garId).closed
    expect(report).toMatchObject({
      type: 'RESTART',
      outcome: 'failed',
      cause: { message: expect.stringContaining('bad') },
    })
    const { rm } = await import('node:fs/promises')
    await rm(flag)
    expect(await node.restart(garId).closed).toMatchObject({ outcome: 'done' })
    expect(node.instance(garId)).toMatchObject({ state: 'ready', restarts: { count: 0, gaveUp: false } })
  })

  it('an operator’s restart of a healthy one starts it beside itself: redeployed() is not called, no call is lost', async () => {
    const { deploy, node, call, notes } = await startNode()
    await deploy(echo())
    const slow = call(path, 'slow', 300)
    const { pid } = node.instance(garId)
    expect(await node.restart(garId).closed).toMatchObject({ outcome: 'done' })
    expect(await slow).toMatchObject({ status: 200 })
    expect(node.instance(garId).pid).not.toBe(pid)
    expect(notes(garId)).toEqual(['load 1', 'ready 1', 'load 1', 'ready 1'])
  })

  it('credentials: a secure instance waits for its one, gets each new one, and refuses a file that others can read', async () => {
    const { begin, node, home, notes } = await startNode()
    const file = home.etc('credentials', `${garId}.pem`)
    await writeFile(file, 'pem-1\n', { mode: 0o644 })
    await chmod(file, 0o644)
    const operation = await begin(echo({ listener: 'Simple' }), { mode: 'secure' })
    await until(() => node.instances(false)[0]?.waitsFor.length === 1, 'it waits for credentials')
    expect(node.instance(garId).waitsFor[0]).toMatch(/^credentials \(samples_echo\.pem is open to others/)
    expect(notes(garId)).toEqual(['load 1'])
    await writeFile(file, 'pem-2\n')
    await chmod(file, 0o600)
    await until(() => operation.report.status === 'OPEN' && notes(garId).length > 1, 'the credential was delivered')
    expect(await operation.closed).toMatchObject({ outcome: 'done' })
    expect(notes(garId)).toEqual(['load 1', 'credential pem-2 1', 'ready 1'])
    await writeFile(file, 'pem-3\n')
    await until(() => notes(garId).includes('credential pem-3 1'), 'the new one was delivered too')
  })

  it('credentials: an open instance and one with a MultipleCredentialsListener don’t wait', async () => {
    const { deploy, home, notes } = await startNode()
    await mkdir(home.etc('credentials', garId))
    await writeFile(home.etc('credentials', garId, '%2Fgcube%2Fdevsec.pem'), 'pem-dev\n', { mode: 0o600 })
    await deploy(echo({ listener: 'Multiple' }), { mode: 'secure' })
    expect(notes(garId)).toEqual(['load 1', 'credential /gcube/devsec pem-dev 1', 'ready 1'])
    await deploy({ service: 'Samples/Open', listener: 'Simple' })
    expect(notes('samples_open')).toEqual(['load 1', 'ready 1'])
  })
})
