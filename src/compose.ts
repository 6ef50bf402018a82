import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { Container, type Newable } from 'inversify'
import { pino } from 'pino'
import type { AuditEntry } from './audit/audit-entry.ts'
import type { Configuration } from './config.ts'
import { AuditTrail } from './container/audit-trail.ts'
import { servicePorts } from './container/configured-services.ts'
import { containerModule } from './container/container.module.ts'
import { ContainerConfig } from './container/container-config.ts'
import { DhnNode } from './container/dhn-node.ts'
import type { HostingNode } from './container/hosting-node.ts'
import { NodeLog } from './container/node-log.ts'
import { NodeStore } from './container/node-store.ts'
import { ownHome } from './container/own-home.ts'
import { directOutput, ServiceOutput } from './container/service-output.ts'
import type { NodeView } from './container/views.ts'
import { HostNameInvalid } from './initialize-home.ts'
import { isolateModule } from './isolate/isolate.module.ts'
import { type Part, type StartedParts, startInOrder } from './lifecycle/start-in-order.ts'
import { LogKeeper } from './logs/log-keeper.ts'
import { RotatingFile } from './logs/rotating-file.ts'
import { writeFileDurably } from './store/durable.ts'
import { AdminDoor } from './transport/admin-door.ts'
import { isHostName, TransportConfiguration } from './transport/configuration.ts'
import { makeCallFolder } from './transport/fronts/call-folder.ts'
import { FrontDoors } from './transport/fronts/front-doors.ts'
import { HttpDoors } from './transport/http-doors.ts'
import { StopSwitch } from './transport/stop-switch.ts'
import { transportModule } from './transport/transport.module.ts'

/** What wins over the configuration. */
export interface Overrides {
  readonly host?: string
  readonly port?: number
  readonly nosec?: boolean
  readonly nosecPort?: number
  /** Of the services that the configuration alone brings only these. */
  readonly services?: readonly string[]
  /** Logs more, and starts those services again when their module changes. */
  readonly debug?: boolean
  /** Hears each line that goes into the node's log, for a story that people follow. */
  readonly tell?: (level: 'info' | 'warn' | 'error', message: string, facts: object) => void
  /** What happens when the admin API is asked to stop the node; it is stopped unless this is given. */
  readonly stopRequested?: () => void
  /** Told when the doors are open; services may still be on their way. */
  readonly opened?: () => void
}

/** A node that is put together; nothing of it runs, and nothing is touched, before `start`. */
export interface ComposedNode {
  /** There from the moment the home is owned. */
  readonly node: HostingNode | undefined
  /**
   * Takes the home, brings back what was deployed, opens the doors, and resolves when every service has settled. A node
   * that can't start leaves nothing running.
   */
  start(): Promise<NodeView>
  /** Shuts the doors, lets calls end, stops every service, gives the home back. Never rejects; safe twice, and during `start`. */
  stop(): Promise<void>
  /** Resolves when the node has stopped, whoever stopped it. */
  readonly stopped: Promise<void>
}

const packageRoot = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }

/**
 * Puts a node together out of its rooms.
 *
 * @throws {HostNameInvalid} the overriding host isn't one
 * @throws {ConfiguredServiceUnknown} a service that is to be started isn't described
 */
export async function compose(configuration: Configuration, overrides: Overrides = {}): Promise<ComposedNode> {
  const { home, limits } = configuration
  const { fronts } = configuration.transport
  if (overrides.host !== undefined && !isHostName(overrides.host)) throw new HostNameInvalid(overrides.host)
  const transport = withOverrides(configuration, overrides)
  await mkdir(home.log(), { recursive: true })
  const level = overrides.debug ? 'debug' : configuration.logLevel
  const log = nodeLog(home.log('node.log'), { ...configuration, logLevel: level }, overrides.tell)
  let keeper: LogKeeper | undefined
  const certificateAuthorities = await bundleAuthorities(configuration)
  let own: Awaited<ReturnType<typeof ownHome>> | undefined
  let container: Container | undefined
  let starting: Promise<StartedParts> | undefined
  let stopping: Promise<void> | undefined
  let resolveStopped!: () => void
  const stopped = new Promise<void>((resolve) => {
    resolveStopped = resolve
  })

  const takeHome = async (): Promise<void> => {
    own = await ownHome(home, version, log)
    await writeFileDurably(home.configurationSources, JSON.stringify(configuration.sources), 0o600)
    for (const warning of configuration.warnings) log.warn({}, warning)
    container = new Container()
    container.bind(NodeLog).toConstantValue(log)
    container.bind(NodeStore).toConstantValue(own.store)
    keeper = new LogKeeper({
      entry: createRequire(import.meta.url).resolve('#log-keeper'),
      logs: home.log(),
      pipes: home.run('output'),
      policy: configuration.logs,
      problem: (message, facts) => log.warn(facts, message),
    })
    container.bind(ServiceOutput).toConstantValue(keptOutput(keeper, log))
    container.bind(TransportConfiguration).toConstantValue(transport)
    container.bind(StopSwitch).toConstantValue(overrides.stopRequested ?? (() => void stop()))
    container.bind(ContainerConfig).toConstantValue({
      ...configuration,
      ...(overrides.services && { configuredServices: overrides.services }),
      ...(overrides.debug && { debug: true }),
      package: packageRoot,
      asClient: asClient(configuration),
      version,
      environment: process.env,
      ...(fronts > 1 && { callSockets: home.run('calls') }),
      ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
    } satisfies ContainerConfig)
    if (fronts > 1) await makeCallFolder(home.run('calls'))
    await container.load(isolateModule, containerModule, transportModule)
  }
  const giveHomeBack = async (): Promise<void> => {
    await keeper?.close()
    if (own !== undefined) await rm(home.configurationSources, { force: true })
    await own?.release()
  }
  const Doors: Newable<HttpDoors | FrontDoors> = fronts === 1 ? HttpDoors : FrontDoors
  const get = <T>(token: Newable<T>): T => (container as Container).get<T>(token)

  const closeAudit = async (): Promise<void> => {
    get(AuditTrail).note(life('node stopped'))
    await get(AuditTrail).close()
  }

  // They stop in reverse: calls first, and the admin socket answers until the last service is down.
  const parts: readonly Part[] = [
    { name: 'home', start: takeHome, stop: giveHomeBack },
    { name: 'audit log', start: () => get(AuditTrail).note(life('node started')), stop: closeAudit },
    { name: 'recovery', start: () => get(DhnNode).recover(), stop: () => undefined },
    { name: 'admin socket', start: () => get(AdminDoor).start(), stop: () => get(AdminDoor).stop() },
    { name: 'running instances', start: () => undefined, stop: () => get(DhnNode).stop() },
    {
      name: 'doors',
      async start() {
        const doors = get(Doors)
        await doors.start()
        get(DhnNode).isServedAt(doors.addresses, doors)
      },
      async stop() {
        await get(Doors).stop()
      },
    },
  ]

  async function start(): Promise<NodeView> {
    starting ??= startInOrder(parts, {
      stopLimit: configuration.transport.health.settle + 3 * (limits.drain + limits.callback + limits.stop),
      onProblem: (part, error) => log.error({ err: error }, `${part} did not stop as it should`),
    })
    await starting
    try {
      const node = get(DhnNode)
      log.info({ addresses: node.view().addresses, pid: process.pid, version }, 'the doors are open')
      overrides.opened?.()
      await node.start()
      return node.view()
    } catch (error) {
      await stop()
      throw error
    }
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      const started = await starting?.catch(() => undefined)
      await started?.stop()
      if (started !== undefined) log.info({}, 'the node has stopped')
      resolveStopped()
    })()
    return stopping
  }

  return {
    get node() {
      return container?.get(DhnNode)
    },
    start,
    stop,
    stopped,
  }
}

const life = (what: string): AuditEntry => ({
  kind: 'log',
  who: { via: 'node' },
  what,
  outcome: 'noted',
  facts: { version, pid: process.pid },
})

/** The node asks others as the host that it is. */
const asClient = ({ transport: { tls, callers } }: Configuration) => ({
  certificate: { cert: tls.certificateFile, key: tls.keyFile },
  trust: { directory: callers.trustDirectory, revocationLists: callers.crls },
})

function withOverrides(
  { transport: configuration, sources }: Configuration,
  { host, port, nosec, nosecPort, services }: Overrides,
): TransportConfiguration {
  return {
    ...configuration,
    host: host ?? configuration.host,
    port: port ?? configuration.port,
    servicePorts: servicePorts(sources.localLayers(), services),
    nosec: {
      ...configuration.nosec,
      enabled: nosec ?? configuration.nosec.enabled,
      port: nosecPort ?? configuration.nosec.port,
    },
  }
}

/** What services print goes through the keeper of logs, or straight into their logs where the system has no pipes for it. */
function keptOutput(keeper: LogKeeper, log: NodeLog): ServiceOutput {
  return {
    begin: (file, mark) =>
      keeper.begin(file, mark).catch((error: Error) => {
        log.warn({ file, reason: error.message }, 'a log is not rotated')
        return directOutput.begin(file, mark)
      }),
    flush: (file) => keeper.flush(file),
  }
}

/** A line of JSON for each thing that happens. Few lines: they are written at once, so that none is lost with the process. */
function nodeLog(
  path: string,
  { logLevel: level, logs }: Configuration,
  tell: Overrides['tell'] = () => undefined,
): NodeLog {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const file = new RotatingFile(path, logs)
  const log = pino(options, { write: (line: string) => file.write(Buffer.from(line)) })
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (facts: object, message: string): void => {
      log[level](facts, message)
      tell(level, message, facts)
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/**
 * The CAs of the node and those that Node brings, in one file, which services are told of: they trust who the node trusts,
 * the node itself included.
 */
async function bundleAuthorities({ home }: Configuration): Promise<string | undefined> {
  const folder = home.etc('grid-security', 'certificates')
  const names = await readdir(folder).catch(() => [])
  const hashed = names.filter((name) => /^[0-9a-f]{8}\.\d+$/.test(name)).sort()
  const certificates = new Set(await Promise.all(hashed.map((name) => readFile(join(folder, name), 'utf8'))))
  if (certificates.size === 0) return undefined
  // Services may run as another user, whom nothing in run/ is for.
  const file = home.var('certificate-authorities.pem')
  await mkdir(home.var(), { recursive: true })
  await writeFile(file, [...certificates, ...rootCertificates].join('\n'))
  return file
}
