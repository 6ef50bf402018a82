import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DeploymentReport } from '../../src/container/views.ts'
import { lingerAfter } from '../../src/transport/last-answer.ts'
import { commandLine } from '../support/command-line.ts'
import { dhn } from '../support/dhn.ts'
import { fakeAdmin, type Says } from '../support/fake-admin.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { deploymentView, instanceView, report } from '../support/views.ts'

const counter = 'org_diligentproject_samples_counter'

function archive(): string {
  const file = join(temporaryFolder(), `${counter}.gar`)
  writeFileSync(file, Buffer.alloc(200_000, 'x'))
  return file
}

const begins: Says = (request, response) => {
  request.resume().on('end', () => response.writeHead(202).end('{"operation":"8f14e45f"}'))
}

const tells =
  (...reports: readonly DeploymentReport[]): Says =>
  (_, response) => {
    for (const each of reports) response.write(`${JSON.stringify(each)}\n`)
    if (reports.at(-1)?.status === 'CLOSED') response.end()
  }

const upload = `POST /deployments?name=${counter}.gar&mode=open`
const events = 'GET /operations/8f14e45f/events'
const open = report({
  status: 'OPEN',
  steps: [
    { name: 'read', at: '', durationMs: 40 },
    { name: 'staged', at: '' },
  ],
})

describe('a deploy', () => {
  it('sends the archive, tells each step once as it ends, and ends with the addresses', async () => {
    let received = 0
    const { home, asked } = await fakeAdmin({
      [upload]: (request, response) => {
        request.on('data', (chunk: Buffer) => {
          received += chunk.length
        })
        request.on('end', () => response.writeHead(202).end('{"operation":"8f14e45f"}'))
      },
      [events]: tells(open, open, report()),
      [`GET /deployments/${counter}`]: deploymentView(),
    })
    expect(await commandLine(['deploy', archive(), '--nosec'], { home })).toEqual({
      code: 0,
      stdout: [
        'Samples/Counter  ready  https://localhost:8443/Samples/Counter\n',
        'Samples/Counter  ready  http://localhost:8080/Samples/Counter\n',
      ].join(''),
      stderr: '  read  40 ms\n  staged  12 ms\n  ready  1.2 s\n',
    })
    expect(received).toBe(200_000)
    expect(asked).toEqual([upload, events, `GET /deployments/${counter}`])
  })

  it('prints with --json the report and nothing else', async () => {
    const { home } = await fakeAdmin({ [upload]: begins, [events]: tells(open, report()) })
    const { code, stdout, stderr } = await commandLine(['deploy', archive(), '--nosec', '--json'], { home })
    expect({ code, stderr, report: JSON.parse(stdout) }).toEqual({ code: 0, stderr: '', report: report() })
  })

  it('that fails names the first cause, the last lines of the instance and the report', async () => {
    const failed = report({
      outcome: 'failed',
      packages: [{ ...(report().packages[0] as DeploymentReport['packages'][number]), status: 'FAILED' }],
      cause: { code: 'DHN_STEP_TOO_LONG', message: 'ready() took longer than 60000 ms', next: 'see its log' },
      lastLines: ['waiting for the database', 'still waiting'],
    })
    const { home } = await fakeAdmin({ [upload]: begins, [events]: tells(failed) })
    const [text, json] = await Promise.all([
      commandLine(['deploy', archive(), '--nosec'], { home }),
      commandLine(['deploy', archive(), '--nosec', '--json'], { home }),
    ])
    expect(text).toMatchObject({ code: 1, stdout: '' })
    expect(text.stderr).toBe(
      [
        '  read  40 ms',
        '  staged  12 ms',
        '  ready  1.2 s',
        '  counter  FAILED',
        '',
        'the last lines it wrote:',
        '  | waiting for the database',
        '  | still waiting',
        '',
        'error: ready() took longer than 60000 ms',
        '  next: see its log',
        '  code: DHN_STEP_TOO_LONG',
        '  report: dhn report 8f14e45f',
        '',
      ].join('\n'),
    )
    expect({ code: json.code, report: JSON.parse(json.stdout) }).toEqual({ code: 1, report: failed })
  })

  it('that takes longer than --timeout says how to come back to it', async () => {
    const { home } = await fakeAdmin({ [upload]: begins, [events]: tells(open) })
    expect(await commandLine(['deploy', archive(), '--nosec', '--timeout', '0.3'], { home })).toEqual({
      code: 1,
      stdout: '',
      stderr: [
        '  read  40 ms',
        "error: operation 8f14e45f isn't over after 0.3 s and goes on in the node",
        '  next: follow it again: dhn report 8f14e45f --wait',
        '  code: DHN_STILL_WORKING',
        '',
      ].join('\n'),
    })
  })

  it('that the user leaves goes on as well', async () => {
    const { home } = await fakeAdmin({
      [upload]: begins,
      [events]: (_, response) => {
        response.write(`${JSON.stringify(open)}\n`)
      },
    })
    const { code, stderr } = await dhn(['deploy', archive(), '--nosec'], {
      home,
      begun: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    })
    expect(stderr).toContain('error: operation 8f14e45f was left and goes on in the node')
    expect(code).toBe(1)
  })

  it('with --no-wait prints the operation', async () => {
    const { home } = await fakeAdmin({ [upload]: begins })
    const [text, json] = await Promise.all([
      commandLine(['deploy', archive(), '--nosec', '--no-wait'], { home }),
      commandLine(['deploy', archive(), '--nosec', '--no-wait', '--json'], { home }),
    ])
    expect(text).toEqual({
      code: 0,
      stdout: '8f14e45f\n',
      stderr: 'begun; follow it: dhn report 8f14e45f --wait\n',
    })
    expect(JSON.parse(json.stdout)).toEqual({ operation: '8f14e45f' })
  })

  it('whose node dies is a failure, not an end', async () => {
    const { home } = await fakeAdmin({
      [upload]: begins,
      [events]: (_, response) => {
        response.write(`${JSON.stringify(open)}\n`, () => response.socket?.destroy())
      },
    })
    const { code, stderr } = await commandLine(['deploy', archive(), '--nosec'], { home })
    expect(stderr).toMatch(/error: the node at .* (ended while operation 8f14e45f was open|closed the connection)/)
    expect(code).toBe(1)
  })

  it('that is refused before all of it was sent is told with the reason, and no more is sent', async () => {
    let received = 0
    const { home } = await fakeAdmin({
      'POST /deployments?name=big.gar&mode=secure': (request, response) => {
        lingerAfter(request)
        response.writeHead(413, { connection: 'close' })
        response.end('{"code":"DHN_ARCHIVE_TOO_LARGE","message":"more than 1 byte"}')
        request.on('data', (chunk: Buffer) => {
          received += chunk.length
        })
      },
    })
    const file = join(temporaryFolder(), 'big.gar')
    const size = 100_000_000
    writeFileSync(file, '')
    truncateSync(file, size)
    const { code, stderr } = await commandLine(['deploy', file], { home })
    expect(stderr).toContain('error: more than 1 byte\n  code: DHN_ARCHIVE_TOO_LARGE')
    expect(code).toBe(1)
    expect(received).toBeLessThan(size)
  })

  it('of an address is handed on to the node', async () => {
    const { home } = await fakeAdmin({
      'POST /deployments?url=https%3A%2F%2Fexample.org%2Fx.gar&mode=secure': begins,
      [events]: tells(report({ outcome: 'unchanged', steps: [] })),
      [`GET /deployments/${counter}`]: deploymentView({ instance: instanceView({ addresses: [] }) }),
    })
    expect(await commandLine(['deploy', 'https://example.org/x.gar'], { home })).toEqual({
      code: 0,
      stdout: 'Samples/Counter  ready\n',
      stderr: 'nothing to do: this is what is live\n',
    })
  })
})

describe('a report', () => {
  it('of an open operation is followed when asked to wait', async () => {
    const { home } = await fakeAdmin({ 'GET /operations/8f14e45f': open, [events]: tells(open, report()) })
    const [now, end] = await Promise.all([
      commandLine(['report', '8f14e45f', '--json'], { home }),
      commandLine(['report', '8f14e45f', '--wait', '--json'], { home }),
    ])
    expect([JSON.parse(now.stdout).status, JSON.parse(end.stdout).status]).toEqual(['OPEN', 'CLOSED'])
  })
})

describe('an enable that ends in failure', () => {
  it('is exit code 1 with the cause', async () => {
    const cause = { code: 'DHN_CALLBACK_FAILED', message: 'ready() threw: no database' }
    const { home } = await fakeAdmin({
      'POST /instances/Samples%2FCounter/enable': instanceView({ state: 'failed', cause }),
      'POST /instances/Samples%2FCounter/disable': instanceView({ state: 'disabled' }),
    })
    expect(await commandLine(['ri', 'enable', 'Samples/Counter'], { home })).toEqual({
      code: 1,
      stdout: 'Samples/Counter  failed\n',
      stderr: 'error: ready() threw: no database\n  code: DHN_CALLBACK_FAILED\n',
    })
    expect(await commandLine(['ri', 'disable', 'Samples/Counter'], { home })).toEqual({
      code: 0,
      stdout: 'Samples/Counter  disabled\n',
      stderr: '',
    })
  })
})
