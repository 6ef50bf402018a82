import { rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AuditLine } from '../../src/audit/audit-entry.ts'
import type { AuditTrail } from '../../src/container/audit-trail.ts'
import { RunningOperation } from '../../src/container/operation.ts'
import { DeploymentUnknown } from '../../src/container/plan-errors.ts'
import { openAdmin } from '../support/admin.ts'
import { remoteAdmin } from '../support/remote-admin.ts'

const base = '/admin/v1'

async function linesOf(audit: AuditTrail): Promise<AuditLine[]> {
  await audit.close()
  const lines: AuditLine[] = []
  for await (const line of audit.read({})) lines.push(line)
  return lines
}

const inShort = ({ what, target, outcome, code, operation }: AuditLine): unknown[] =>
  [what, target, outcome, code, operation].filter((each) => each !== undefined)

describe('what is asked of the admin API', () => {
  it('is in the audit log when it changes something: before it is done, and with what came of it', async () => {
    const { ask, audit, node } = await openAdmin()
    const operation = new RunningOperation('DEPLOY', 'samples_echo')
    operation.hasBegun()
    node.running = operation
    const { headers } = await ask('post', `${base}/deployments?name=samples_echo.gar&mode=open`, 'bytes')
    operation.fails(new DeploymentUnknown('samples_echo'))
    operation.close(operation.closing('failed'))
    await ask('post', `${base}/instances/x/disable`)
    await ask('post', `${base}/instances/failed/enable`)
    await ask('get', `${base}/instances`)
    await ask('delete', `${base}/nothing`)
    const lines = await linesOf(audit)
    expect(lines.map(inShort)).toEqual([
      ['deploy', 'samples_echo.gar', 'begun'],
      ['deploy', 'samples_echo.gar', 'failed', 'DHN_DEPLOYMENT_UNKNOWN', operation.id],
      ['disable', 'x', 'begun'],
      ['disable', 'x', 'done'],
      ['enable', 'failed', 'begun'],
      ['enable', 'failed', 'failed', 'DHN_TRANSITION_ILLEGAL'],
      ['DELETE /admin/v1/nothing', 'refused', 'DHN_ROUTE_UNKNOWN'],
    ])
    expect(lines[0]).toMatchObject({
      who: { via: 'socket', uid: process.getuid?.() },
      request: headers['x-request-id'],
      facts: { mode: 'open' },
    })
    expect(lines[1]?.request).toBe(lines[0]?.request)
  })

  it('is not done when it can not be in the audit log', async () => {
    const { ask, home, node } = await openAdmin()
    writeFileSync(home.var(), 'a file where the folder should be')
    const { status, json } = await ask('post', `${base}/deployments?name=samples_echo.gar`, 'bytes')
    expect([status, (json as { code: string }).code]).toEqual([507, 'DHN_AUDIT_UNAVAILABLE'])
    expect((await ask('post', `${base}/node/stop`)).status).toBe(507)
    expect([node.asked, node.archives]).toEqual([[], []])
    expect((await ask('get', `${base}/node`)).status).toBe(200)
    rmSync(home.var())
    expect((await ask('post', `${base}/instances/x/disable`)).status).toBe(200)
  })

  it('says who asked from afar, and who was refused, a flood of them in a few lines', async () => {
    const doors = await remoteAdmin(
      ({ base: root }) => `
      DHN
      {
        Security
        {
          Administrators = ${root}/CN=Ada
        }
      }`,
    )
    const { ca, audit } = doors
    const [ada, eve] = [ca.user('Ada').text, ca.user('Eve').text]
    await doors.ask('post', `${base}/instances/x/disable`, { credential: ada })
    for (let n = 0; n < 5; n += 1) await doors.ask('post', `${base}/node/stop`, { credential: eve })
    const request = { 'x-request-id': 'of-the-caller' }
    const { headers } = await doors.ask('get', `${base}/node`, { headers: request })
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    const lines = await linesOf(audit)
    expect(lines.map(inShort)).toEqual([
      ['disable', 'x', 'begun'],
      ['disable', 'x', 'done'],
      ['POST /admin/v1/node/stop', 'refused', 'DHN_NOT_ADMINISTRATOR'],
      ['GET /admin/v1/node', 'refused', 'DHN_UNAUTHENTICATED'],
      ['POST /admin/v1/node/stop', 'refused', 'DHN_NOT_ADMINISTRATOR'],
    ])
    expect(lines[0]).toMatchObject({ who: { via: 'https', dn: `${ca.base}/CN=Ada` }, from: '127.0.0.1' })
    expect(lines[4]).toMatchObject({ who: { via: 'https', dn: `${ca.base}/CN=Eve` }, count: 4 })
  })

  it('can be read and verified over the API', async () => {
    const { ask } = await openAdmin()
    await ask('post', `${base}/instances/x/disable`)
    await ask('post', `${base}/instances/y/disable`)
    const { text } = await ask('get', `${base}/audit?what=y&lines=1`)
    const { previous, n, outcome } = JSON.parse(text) as AuditLine
    expect([previous.length, outcome, n]).toEqual([64, n === 4 ? 'done' : 'begun', expect.any(Number)])
    const { json } = await ask('get', `${base}/audit/verification`)
    expect(json).toMatchObject({ ok: true, first: 1 })
  })
})
