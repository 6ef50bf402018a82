import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ServiceManager } from '../../src/cli/service-manager.ts'
import { options } from '../../src/config-options.ts'
import { dhn } from '../support/dhn.ts'
import { until } from '../support/node.ts'
import { temporaryFolder } from '../support/temporary.ts'

interface FakeManager {
  readonly environment: { readonly PATH: string; readonly NOTIFY_SOCKET: string }
  /** What was sent, a line for each message. */
  sent(): string[]
}

/** A `systemd-notify` that writes what it is told into the file that stands for the socket. */
async function fakeManager(exitCode = 0): Promise<FakeManager> {
  const folder = temporaryFolder()
  const NOTIFY_SOCKET = join(folder, 'socket')
  const script = `#!/bin/sh\necho "$@" >> "$NOTIFY_SOCKET"\nexit ${exitCode}\n`
  await writeFile(join(folder, 'systemd-notify'), script, { mode: 0o700 })
  await writeFile(NOTIFY_SOCKET, '')
  return {
    environment: { PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET },
    sent: () => readFileSync(NOTIFY_SOCKET, 'utf8').split('\n').slice(0, -1),
  }
}

describe('a node that systemd runs', () => {
  it('says when its doors are open, that it lives, and that it stops', async () => {
    const manager = await fakeManager()
    const { code } = await dhn(['start', '--port', '0'], {
      home: join(temporaryFolder(), 'home'),
      environment: { ...manager.environment, WATCHDOG_USEC: '300000' },
      begun: async (child) => {
        await until(() => manager.sent().filter((line) => line.startsWith('WATCHDOG=1')).length > 1, 'it lives')
        child.kill('SIGTERM')
      },
    })
    expect(code).toBe(0)
    const sent = manager.sent()
    expect(sent[0]).toBe('READY=1 STATUS=0 of 0 running instances are ready')
    expect(sent).toContain('WATCHDOG=1 STATUS=0 of 0 running instances are ready')
    expect(sent.filter((line) => !line.startsWith('WATCHDOG=1')).at(-1)).toBe(
      'STOPPING=1 STATUS=calls in flight may end',
    )
  })

  it('says nothing where there is no systemd, and once only that it can not', async () => {
    const told: string[] = []
    const tell = (message: string): void => void told.push(message)
    const { sent, environment } = await fakeManager()
    new ServiceManager({ PATH: environment.PATH }, tell).ready(() => 'well')
    new ServiceManager({ ...environment, NOTIFY_SOCKET: '' }, tell).stopping()
    const absent = new ServiceManager({ ...environment, PATH: '/nowhere' }, tell)
    absent.ready(() => 'well')
    absent.stopping()
    await until(() => told.length > 0, 'it is told')
    const refused = await fakeManager(1)
    const other = new ServiceManager(refused.environment, tell)
    other.status('one')
    other.stopping()
    await until(() => refused.sent().length === 2, 'both were tried')
    expect(told).toEqual([
      expect.stringContaining("systemd can't be told how the node is: spawn systemd-notify ENOENT"),
      "systemd can't be told how the node is: systemd-notify ended with exit code 1",
    ])
    expect(sent()).toEqual([])
  })

  it('gives no sign of life for another process', async () => {
    const { sent, environment } = await fakeManager()
    const watched = { ...environment, WATCHDOG_USEC: '150000', WATCHDOG_PID: String(process.pid) }
    new ServiceManager({ ...watched, WATCHDOG_PID: '1' }, () => undefined).ready(() => 'of another')
    new ServiceManager(watched, () => undefined).ready(() => 'mine')
    await until(() => sent().filter((line) => line === 'WATCHDOG=1 STATUS=mine').length > 2, 'it lives')
    expect(sent().filter((line) => line.includes('another'))).toEqual(['READY=1 STATUS=of another'])
  })
})

describe('etc/dhn.service', () => {
  const text = readFileSync(new URL('../../etc/dhn.service', import.meta.url), 'utf8')
  const unit = new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))

  it('lets the node say how it is, and end its services itself', () => {
    const wanted = {
      Type: 'notify',
      NotifyAccess: 'all',
      KillMode: 'mixed',
      OOMPolicy: 'continue',
      Restart: 'on-failure',
    }
    for (const [name, value] of Object.entries(wanted)) expect(unit.get(name)).toBe(value)
  })

  it('gives a node with the limits that it has by itself the time to stop', () => {
    const { drain, callback, stop } = options.limits
    const longest = options.health.settle.otherwise + 3 * (drain.otherwise + callback.otherwise + stop.otherwise)
    expect(Number.parseInt(unit.get('TimeoutStopSec') ?? '', 10) * 1000).toBeGreaterThan(longest)
  })
})
