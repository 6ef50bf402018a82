import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import { Dispatcher } from '../../src/container/dispatcher.ts'
import { EndpointTable } from '../../src/container/endpoints.ts'
import type { HostingNode } from '../../src/container/hosting-node.ts'
import { FiguresBook } from '../../src/container/instance-figures.ts'
import { InstanceRegistry } from '../../src/container/instance-registry.ts'
import type { NodeLog } from '../../src/container/node-log.ts'
import { RefusalBook } from '../../src/container/refusal-book.ts'
import { Traffic, type TrafficLimits } from '../../src/container/traffic.ts'
import type { Place, PlaceCall, PlaceReply } from '../../src/isolate/place.ts'
import { makeThrowAwayCredentials } from '../../src/security/throw-away-ca.ts'
import { AdminApps } from '../../src/transport/admin/admin-apps.ts'
import { RemoteAdmin } from '../../src/transport/admin/remote-admin.ts'
import { Callers } from '../../src/transport/callers.ts'
import type { HttpLimits, TransportConfiguration } from '../../src/transport/configuration.ts'
import { Health } from '../../src/transport/health.ts'
import { HttpDoors } from '../../src/transport/http-doors.ts'
import { Metrics } from '../../src/transport/metrics/metrics.ts'
import { Pages } from '../../src/transport/pages.ts'
import { FakeNode } from './fake-node.ts'
import { auditFor, authorizationFor, gatekeeperFor } from './gatekeeper.ts'
import { temporaryFolder } from './temporary.ts'

type Answers = (call: PlaceCall, done: (reply: PlaceReply) => void) => void

export const json = (value: unknown): PlaceReply => ({
  status: 200,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(value)),
})

/** Answers what it was asked, as a place would. */
export const echo: Answers = ({ method, args }, done) => done(json({ OK: true, Value: { method, args } }))

/** A dispatcher before one service `Samples/Echo`, ready and open, of which `answers` are the answers. */
export const dispatcherFor = (
  answers: Answers = echo,
  methods = ['echo', 'ping'],
  gatekeeper = gatekeeperFor(),
): Dispatcher => dispatcherOf({ 'Samples/Echo': { answers, methods } }, gatekeeper)

interface FakeService {
  readonly answers?: Answers
  readonly methods?: readonly string[]
  readonly limits?: TrafficLimits
  readonly asksOrigin?: boolean
}

/** A dispatcher before services that are ready and open, each of a GAR of its own. */
export function dispatcherOf(
  services: Readonly<Record<string, FakeService>>,
  gatekeeper = gatekeeperFor(),
): Dispatcher {
  const endpoints = new EndpointTable()
  for (const [service, { answers = echo, methods = ['echo', 'ping'], limits, asksOrigin = false }] of Object.entries(
    services,
  )) {
    const traffic = new Traffic(limits)
    traffic.refusal = undefined
    traffic.place = { call: answers } as Place
    endpoints.switch(service, [
      {
        garId: service,
        service,
        index: 0,
        secure: false,
        methods: new Set(methods),
        asksOrigin,
        takesTokens: true,
        traffic,
      },
    ])
  }
  return new Dispatcher(endpoints, gatekeeper)
}

let made: ReturnType<typeof makeThrowAwayCredentials> | undefined

/** A certificate and key for localhost as files, made once for all tests of a file. */
export async function hostCredentials(): Promise<{ certificateFile: string; keyFile: string; ca: string }> {
  made ??= makeThrowAwayCredentials('localhost')
  const { certificate, key, ca } = await made
  const folder = temporaryFolder()
  const files = { certificateFile: join(folder, 'hostcert.pem'), keyFile: join(folder, 'hostkey.pem') }
  await writeFile(files.certificateFile, certificate)
  await writeFile(files.keyFile, key, { mode: 0o600 })
  return { ...files, ca: ca.certificate }
}

export const recordingLog = (): NodeLog & { readonly lines: string[] } => {
  const lines: string[] = []
  const write =
    (level: string) =>
    (_facts: object, message: string): void =>
      void lines.push(`${level} ${message}`)
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}

export async function transportConfiguration(
  http: Partial<HttpLimits> = {},
  over: Partial<TransportConfiguration> = {},
): Promise<TransportConfiguration> {
  const { certificateFile, keyFile } = await hostCredentials()
  const folder = temporaryFolder()
  return {
    host: 'localhost',
    addresses: ['127.0.0.1'],
    port: 0,
    fronts: 1,
    nosec: { enabled: true, port: 0, addresses: ['127.0.0.1'] },
    tls: { certificateFile, keyFile, minimumVersion: 'TLSv1.2', handshakeTimeout: 5000 },
    callers: {
      home: folder,
      trustDirectory: folder,
      vomsDirectory: join(folder, 'vomsdir'),
      crls: 'require',
      legacyProxies: false,
      weakAlgorithms: false,
      recheck: 600_000,
    },
    http: {
      bodyLimit: 1024 * 1024,
      headerLimit: 16 * 1024,
      headerCount: 100,
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 60_000,
      responseTimeout: 60_000,
      unreadLimit: 16 * 1024 * 1024,
      connections: 1000,
      drain: 5000,
      ...http,
    },
    health: { needs: ['node'], start: 60_000, settle: 0 },
    metrics: { readers: ['127.0.0.1', '::1'] },
    admin: { socket: join(folder, 'run', 'admin.sock'), staging: join(folder, 'staging'), uploadLimit: 1024 * 1024 },
    ...over,
  }
}

export interface OpenDoors {
  readonly doors: HttpDoors
  readonly log: ReturnType<typeof recordingLog>
  readonly https: string
  readonly http: string
  readonly httpPort: number
  readonly httpsPort: number
}

/** Everything that the doors need besides services: what they answer where none is, and who calls. */
export function pagesFor(
  configuration: TransportConfiguration,
  dispatcher: Dispatcher,
  log = recordingLog(),
  node: HostingNode = new FakeNode(),
  authorization = authorizationFor(),
  audit = auditFor(),
) {
  const health = new Health(configuration, node)
  const metrics = new Metrics(node, new FiguresBook(), new InstanceRegistry())
  const callers = new Callers(configuration, authorization, log)
  const version = { version: '0.1.0' } as ContainerConfig
  const apps = new AdminApps(configuration, version, node, () => {}, audit, new RefusalBook(audit), log)
  const admin = new RemoteAdmin(configuration, callers, authorization, apps)
  return { pages: new Pages(configuration, health, metrics, admin, dispatcher, callers), health, metrics, callers }
}

export const newDoors = (
  configuration: TransportConfiguration,
  dispatcher: Dispatcher,
  log = recordingLog(),
  node: HostingNode = new FakeNode(),
  authorization = authorizationFor(),
  audit = auditFor(),
): HttpDoors => {
  const { pages, health, metrics, callers } = pagesFor(configuration, dispatcher, log, node, authorization, audit)
  return new HttpDoors(configuration, dispatcher, callers, authorization, pages, health, metrics, log)
}

/** Doors on free ports, closed when the test has ended. */
export async function openDoors(
  dispatcher: Dispatcher = dispatcherFor(),
  http: Partial<HttpLimits> = {},
  over: Partial<TransportConfiguration> = {},
  node?: HostingNode,
): Promise<OpenDoors> {
  const log = recordingLog()
  const doors = newDoors(await transportConfiguration({ drain: 100, ...http }, over), dispatcher, log, node)
  await doors.start()
  onTestFinished(async () => {
    await doors.stop()
  })
  const [https = '', plain = ''] = doors.addresses
  return {
    doors,
    log,
    https,
    http: plain,
    httpsPort: Number(new URL(https).port),
    httpPort: Number(plain && new URL(plain).port),
  }
}

/** Sends `text` as it is and resolves with everything that comes back until the other side closes. */
export function exchange(port: number, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.once('close', () => resolve(answer)).once('error', reject)
    socket.write(text)
  })
}

/** A raw connection that gathers what it gets. */
export async function rawConnection(
  port: number,
): Promise<{ socket: Socket; answer: () => string; until: (text: string) => Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  let answer = ''
  socket.on('data', (chunk: string) => {
    answer += chunk
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  const until = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (answer.includes(text)) resolve(answer)
      }
      socket.on('data', look).once('close', () => reject(new Error(`closed before ${text}: ${answer}`)))
      look()
    })
  return { socket, answer: () => answer, until }
}

export const call = (method: string, args: unknown = []): string =>
  new URLSearchParams({ method, args: JSON.stringify(args) }).toString()

/** One request to `Samples/Echo` as text. */
export function postText(body: string, headers: readonly string[] = [], path = '/Samples/Echo'): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n')
}
