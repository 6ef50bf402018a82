import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InstanceView } from '../../src/container/views.ts'
import { commandLine } from '../support/command-line.ts'
import { root } from '../support/dhn.ts'
import { fakeAdmin, type Says } from '../support/fake-admin.ts'
import { deploymentView, frontView, instanceView, lostFront, nodeView, plan, report } from '../support/views.ts'

const failed: Partial<InstanceView> = {
  state: 'failed',
  why: 'ready() threw: no database',
  cause: { code: 'DHN_CALLBACK_FAILED', message: 'ready() threw: no database', next: 'see its log' },
  restarts: { count: 2, nextAt: '2026-01-31T12:00:04.000Z', gaveUp: false },
  lastLines: ['2026-01-31T11:59:59.000Z ERROR Samples/Counter: no database', 'a line with \u001b[31mcolour'],
}

const api: Readonly<Record<string, Says>> = {
  'GET /node': nodeView(),
  'GET /deployments': [
    deploymentView(),
    deploymentView({ garId: 'bare', version: '', number: 1, instance: instanceView(failed) }),
  ],
  'GET /deployments/org_diligentproject_samples_counter': deploymentView(),
  'GET /deployments/org_diligentproject_samples_counter/history': [
    {
      ...deploymentView(),
      number: 3,
      verdict: 'ready',
      at: '2026-01-31T12:00:00.000Z',
      operation: '8f14e45f',
      live: true,
    },
    {
      ...deploymentView(),
      number: 2,
      version: '0.9.0',
      verdict: 'failed',
      at: '2026-01-30T12:00:00.000Z',
      operation: 'c9f0f895',
      live: false,
      cause: { code: 'DHN_STEP_TOO_LONG', message: 'ready() took longer than 60000 ms' },
    },
  ],
  'GET /instances': [instanceView(), instanceView(failed)],
  'GET /instances?all=true': [instanceView({ state: 'down', deployed: false, addresses: [] })],
  'GET /instances/Samples%2FCounter?log=20': instanceView(failed),
  'GET /stubs': [
    {
      package: 'Samples/Counter/counter-stubs',
      version: '1.0.0',
      digest: '9f86d081884c7d65',
      users: [
        { garId: 'org_diligentproject_samples_counter', because: ['carries'] },
        { garId: 'org_diligentproject_samples_tally', because: ['depends'] },
      ],
    },
  ],
  'GET /operations': [report(), report({ id: 'c9f0f895', type: 'UNDEPLOY', status: 'OPEN' })],
  'GET /operations/8f14e45f': report(),
  'DELETE /deployments/org_diligentproject_samples_counter?dryRun=true': plan({ type: 'undeploy' }),
}

describe('what a node says, for people', () => {
  it.each([
    ['status', ['status']],
    ['list', ['list']],
    ['show', ['show', 'org_diligentproject_samples_counter']],
    ['history', ['history', 'org_diligentproject_samples_counter']],
    ['ri-list', ['ri', 'list', '--all']],
    ['ri-show', ['ri', 'show', 'Samples/Counter']],
    ['stubs-list', ['stubs', 'list']],
    ['stubs-why', ['stubs', 'why', 'counter-stubs']],
    ['reports', ['report']],
    ['report', ['report', '8f14e45f']],
    ['plan', ['undeploy', 'org_diligentproject_samples_counter', '--dry-run']],
  ])('%s', async (name, words) => {
    const { home } = await fakeAdmin(api)
    const { stdout, stderr, code } = await commandLine(words, { home })
    expect(stderr).toBe('')
    expect(code).toBe(name === 'plan' ? 1 : 0)
    await expect(stdout).toMatchFileSnapshot(join(root, 'test', 'cli', 'golden', `${name}.txt`))
  })

  it('status with several fronts', async () => {
    const { home } = await fakeAdmin({ 'GET /node': nodeView({ fronts: [frontView(), lostFront] }) })
    const { stdout } = await commandLine(['status'], { home })
    await expect(stdout).toMatchFileSnapshot(join(root, 'test', 'cli', 'golden', 'status-fronts.txt'))
  })

  it.each([120, 80, 50])('fits a terminal of %i columns', async (columns) => {
    const { home } = await fakeAdmin(api)
    const { stdout } = await commandLine(['list', '--no-color'], { home, columns })
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns)
    await expect(stdout).toMatchFileSnapshot(join(root, 'test', 'cli', 'golden', `list-${columns}.txt`))
  })

  it('is with --json exactly what it sent', async () => {
    const { home } = await fakeAdmin(api)
    for (const [words, said] of [
      [['status'], 'GET /node'],
      [['list'], 'GET /deployments'],
      [['ri', 'show', 'Samples/Counter'], 'GET /instances/Samples%2FCounter?log=20'],
      [['stubs', 'list'], 'GET /stubs'],
      [['report', '8f14e45f'], 'GET /operations/8f14e45f'],
    ] as const) {
      const { stdout, stderr } = await commandLine([...words, '--json'], { home })
      expect(JSON.parse(stdout)).toEqual(api[said])
      expect(stderr).toBe('')
    }
  })

  it('says so when there is nothing, on standard error, and prints nothing or an empty list', async () => {
    const { home } = await fakeAdmin({ 'GET /deployments': [], 'GET /instances': [], 'GET /stubs': [] })
    for (const words of [['list'], ['ri', 'list'], ['stubs', 'list']]) {
      expect(await commandLine(words, { home })).toMatchObject({
        code: 0,
        stdout: '',
        stderr: expect.stringMatching(/^\w.*\n$/),
      })
      expect(await commandLine([...words, '--json'], { home })).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
    }
  })

  it.each([
    ['unchanged', 0],
    ['changes', 1],
    ['impossible', 255],
  ] as const)('a plan that is %s is exit code %i, with --json too', async (outcome, code) => {
    const errors = [
      { code: 'DHN_WSDD_MISSING', message: 'there is no secure descriptor', next: 'deploy it with --nosec' },
    ]
    const { home } = await fakeAdmin({ 'POST /deployments/x/rollback?dryRun=true': plan({ outcome, errors }) })
    const [text, json] = await Promise.all([
      commandLine(['rollback', 'x', '--dry-run'], { home }),
      commandLine(['rollback', 'x', '--dry-run', '--json'], { home }),
    ])
    expect([text.code, json.code]).toEqual([code, code])
    expect(text.stdout).toContain(
      'error: there is no secure descriptor [DHN_WSDD_MISSING]\n    next: deploy it with --nosec',
    )
    expect(JSON.parse(json.stdout)).toMatchObject({ outcome, errors })
  })
})

describe('a refusal of the node', () => {
  const refusal = {
    code: 'DHN_DEPLOYMENT_UNKNOWN',
    message: 'no deployment nope',
    next: 'dhn list',
    facts: { garId: 'nope' },
  }
  const refuses: Says = (_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(refusal))
  }

  it('is told with its own code, for people and for programs', async () => {
    const { home } = await fakeAdmin({ 'GET /deployments/nope': refuses })
    expect(await commandLine(['show', 'nope'], { home })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: no deployment nope\n  next: dhn list\n  code: DHN_DEPLOYMENT_UNKNOWN\n',
    })
    const { code, stdout, stderr } = await commandLine(['show', 'nope', '--json'], { home })
    expect({ code, stderr, error: JSON.parse(stdout) }).toEqual({ code: 1, stderr: '', error: { error: refusal } })
  })

  it('that is no answer of an admin API is told as such', async () => {
    const { home } = await fakeAdmin({ 'GET /node': (_, response) => response.writeHead(502).end('<html>') })
    expect(await commandLine(['status'], { home })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DHN_NODE_LOST'),
    })
  })

  it.each<[string, Says]>([
    ['at all', (request) => void request.socket.destroy()],
    ['to the end of its answer', ({ socket }, response) => response.write('{"half', () => socket.destroy())],
  ])('to be reached %s is told apart from a node that is not there', async (_, says) => {
    const { home } = await fakeAdmin({ 'GET /node': says })
    const { code, stderr } = await commandLine(['status'], { home })
    expect(stderr).toContain(`error: the node at ${home} closed the connection`)
    expect(code).toBe(1)
  })
})
