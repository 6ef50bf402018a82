import { type IncomingHttpHeaders, request } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AuditTrail } from '../../src/container/audit-trail.ts'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import type { HostingNode } from '../../src/container/hosting-node.ts'
import { FiguresBook } from '../../src/container/instance-figures.ts'
import { InstanceRegistry } from '../../src/container/instance-registry.ts'
import { RefusalBook } from '../../src/container/refusal-book.ts'
import { Home } from '../../src/store/home.ts'
import { AdminApps } from '../../src/transport/admin/admin-apps.ts'
import { AdminDoor } from '../../src/transport/admin-door.ts'
import type { TransportConfiguration } from '../../src/transport/configuration.ts'
import { Metrics } from '../../src/transport/metrics/metrics.ts'
import { recordingLog } from './doors.ts'
import { FakeNode } from './fake-node.ts'
import { auditFor } from './gatekeeper.ts'
import { temporaryFolder } from './temporary.ts'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: unknown
}

export interface OpenAdmin {
  readonly node: FakeNode
  readonly door: AdminDoor
  readonly socket: string
  readonly staging: string
  readonly audit: AuditTrail
  readonly refusals: RefusalBook
  /** Where the audit log lies. */
  readonly home: Home
  readonly log: ReturnType<typeof recordingLog>
  readonly stopped: () => number
  ask(verb: string, path: string, body?: string | Buffer, headers?: Record<string, string>): Promise<Answered>
}

const metricsOf = (node: HostingNode): Metrics => new Metrics(node, new FiguresBook(), new InstanceRegistry())

export function newAdminDoor(
  node: HostingNode,
  {
    socket,
    staging,
    uploadLimit = 1000,
    stop = (): void => undefined,
    log = recordingLog(),
    audit = auditFor(),
    refusals = new RefusalBook(audit),
  }: {
    socket: string
    staging: string
    uploadLimit?: number
    stop?: () => void
    log?: ReturnType<typeof recordingLog>
    audit?: AuditTrail
    refusals?: RefusalBook
  },
): AdminDoor {
  const configuration = { admin: { socket, staging, uploadLimit } } as TransportConfiguration
  const apps = new AdminApps(configuration, { version: '0.1.0' } as ContainerConfig, node, stop, audit, refusals, log)
  return new AdminDoor(configuration, apps, log, metricsOf(node))
}

/** The admin API before a node that has one of everything. */
export async function openAdmin(node = new FakeNode()): Promise<OpenAdmin> {
  const folder = temporaryFolder()
  const socket = join(folder, 'run', 'admin.sock')
  const staging = join(folder, 'staging')
  const log = recordingLog()
  const home = new Home(folder)
  const audit = auditFor(home)
  const refusals = new RefusalBook(audit)
  let stops = 0
  const door = newAdminDoor(node, { socket, staging, log, audit, refusals, stop: () => void stops++ })
  await door.start()
  onTestFinished(() => door.stop())
  return {
    node,
    door,
    socket,
    staging,
    audit,
    refusals,
    home,
    log,
    stopped: () => stops,
    ask: (...asked) => askSocket(socket, ...asked),
  }
}

export function askSocket(
  socketPath: string,
  verb: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, method: verb.toUpperCase(), path, headers: { host: 'localhost', ...headers }, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.once('end', () => {
          const isJson = text !== '' && response.headers['content-type']?.startsWith('application/json')
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          })
        })
      },
    )
    asked.once('error', reject)
    asked.end(body)
  })
}
