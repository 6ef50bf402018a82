import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ArchiveLimits } from './archive/limits.ts'
import type { AuditPolicy } from './audit/audit-log.ts'
import type { CfgSection } from './cfg/cfg.ts'
import { CfgSources, fileOf } from './cfg/cfg-sources.ts'
import { ConfigurationUnreadable } from './cfg/errors.ts'
import { type Layer, mergeLayers, placeText } from './cfg/layers.ts'
import { localFiles } from './cfg/local-files.ts'
import { getSystemSection } from './cfg/look-up.ts'
import { readOptions, unknownOptions } from './cfg/option-table.ts'
import { optionAt, valueAt } from './cfg/options.ts'
import { everyOption, type LogLevel, options } from './config-options.ts'
import type { ContainerConfig } from './container/container-config.ts'
import type { UrlPolicy } from './container/fetch-archive.ts'
import type { FlightPolicy } from './container/flight-recorders.ts'
import { type InstanceRules, instanceCount } from './container/instance-rules.ts'
import type { IsolationRules } from './container/isolation-rules.ts'
import type { Supervision } from './isolate/place.ts'
import { findServiceUser, type ServiceUser } from './isolate/service-user.ts'
import type { LifecycleLimits } from './lifecycle/lifecycle-vocabulary.ts'
import type { RestartPolicy } from './lifecycle/restart-policy.ts'
import type { LogPolicy } from './logs/log-policy.ts'
import { DhnError } from './service/errors.ts'
import { Home } from './store/home.ts'
import type { TransportConfiguration } from './transport/configuration.ts'
import { parseXml } from './xml/parse-xml.ts'

export { initializeHome } from './initialize-home.ts'

const hour = 60 * 60 * 1000

/** What `etc/dhn.cfg` says, each room's part as that room wants it. */
export interface Configuration {
  readonly home: Home
  readonly sources: CfgSources
  readonly transport: TransportConfiguration
  readonly limits: LifecycleLimits
  readonly restart: RestartPolicy
  readonly traffic: ContainerConfig['traffic']
  readonly archives: ArchiveLimits
  /** Absent: no archive is fetched from a URL. */
  readonly deployFromUrl?: UrlPolicy
  readonly heapMegabytes: number
  readonly isolation: IsolationRules
  readonly instances: InstanceRules
  readonly supervision: Supervision
  /** As whom services run; absent: as the node's own user. */
  readonly serviceUser?: ServiceUser
  readonly withoutRule: 'any' | 'refuse'
  readonly launches: number
  readonly keptVersions: number
  /** The variables of the node manager's `customDHNlabels.xml`; none without that file. */
  readonly labels: Readonly<Record<string, string>>
  readonly logLevel: LogLevel
  readonly logs: LogPolicy
  readonly flight: FlightPolicy
  readonly audit: AuditPolicy
  /** Entries that count nothing, and options under `/DHN` that this node doesn't know: one sentence each, with file and line. */
  readonly warnings: readonly string[]
}

/** No file `etc/dhn.cfg`: this isn't the home of a node. */
export class HomeNotInitialized extends DhnError {
  readonly code = 'DHN_HOME_NOT_INITIALIZED'
  constructor(
    readonly home: string,
    readonly file: string,
  ) {
    super(`${home} is not the home of a node: there is no ${file}`, { next: `run: dhn init --home ${home}` })
  }
}

/** Where a node's configuration comes from besides the files in its home. */
export interface GivenSources {
  /** `DIRACSYSCONFIG` and `HOME` name files too. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Of `--cfg`, the strongest last. */
  readonly files?: readonly string[]
  /** Of `-o`, such as `/DHN/Port=0`. */
  readonly settings?: readonly string[]
}

/** Everything that the configuration of the node at `root` is read from. */
export function configurationSources(
  root: string,
  { environment = {}, files: given = [], settings = [] }: GivenSources = {},
): CfgSources {
  const home = new Home(resolve(root))
  const own = [{ file: home.etc('dhn.cfg'), named: true }]
  const copy = home.var('configuration', 'remote.cfg')
  return new CfgSources(localFiles({ root: home.root, environment, own, given }), settings, copy)
}

/**
 * What the node at `root` reads its configuration from while it runs, whoever started it and how; what it would be
 * started with when it doesn't.
 */
export function sourcesInUse(root: string, given: GivenSources): CfgSources {
  const text = textOf(new Home(resolve(root)).configurationSources)
  if (text === undefined) return configurationSources(root, given)
  const { files, settings, copy } = JSON.parse(text) as CfgSources
  return new CfgSources(files, settings, copy)
}

/**
 * Reads `etc/dhn.cfg` of the home at `root`, and what else its configuration is made of. Sections other than `/DHN` are
 * DIRAC's and aren't looked at here.
 *
 * @throws {HomeNotInitialized} there is no `etc/dhn.cfg`
 * @throws {ConfigurationUnreadable} a file can't be read
 * @throws {ConfigurationMissing} a file that was named isn't there
 * @throws {CfgMalformed} one isn't a DIRAC configuration
 * @throws {CfgConflict} two don't fit each other
 * @throws {OptionInvalid} an option has a value that it may not have
 * @throws {XmlRefused} the labels of the node manager are not XML
 */
export function readConfiguration(root: string, given: GivenSources = {}): Configuration {
  const home = new Home(resolve(root))
  const file = home.etc('dhn.cfg')
  if (!existsSync(file)) throw new HomeNotInitialized(home.root, file)
  const sources = configurationSources(root, given)
  return configurationOf(home, sources, sources.layers())
}

/** What a command has to know of a node that it doesn't start; throws as `readConfiguration` does. */
export function readDoors(
  root: string,
  given: GivenSources = {},
): TransportConfiguration & { readonly hasServiceUser: boolean } {
  const { transport, serviceUser } = readConfiguration(root, given)
  return { ...transport, hasServiceUser: serviceUser !== undefined }
}

const labelsFile = ['org_diligentproject_keeperservice_hnm', 'customDHNlabels.xml']

function labelsIn(file: string): Record<string, string> {
  const text = textOf(file)
  if (text === undefined) return {}
  const labels = parseXml(text, { file }).root.elements('Variable')
  return Object.fromEntries(
    labels.map((label) => [label.child('Key')?.text().trim() ?? '', label.child('Value')?.text().trim() ?? '']),
  )
}

/** Undefined when there is no such file. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new ConfigurationUnreadable(file, message)
  }
}

function configurationOf(home: Home, sources: CfgSources, layers: readonly Layer[]): Configuration {
  const root = mergeLayers(layers)
  const file = fileOf(layers, home.etc('dhn.cfg'))
  const read = <Table extends (typeof options)[keyof typeof options]>(table: Table) => readOptions(root, table, file)
  const doors = read(options.doors)
  const tls = read(options.tls)
  const front = read(options.front)
  const security = read(options.security)
  const limits = read(options.limits)
  const archives = read(options.archives)
  const { failures, within, ...delays } = read(options.restart)
  const url = read(options.deployFromUrl)
  const logs = read(options.logs)
  const http = read(options.http)
  const traffic = read(options.traffic)
  const instances = read(options.instances)
  const serviceUser = findServiceUser(read(options.users).user)
  const { memoryMegabytes, descriptors, ...services } = read(options.services)
  return {
    home,
    sources,
    transport: {
      ...doors,
      port: optionAt(root, options.doors.port.path) === undefined ? tornadoPort(root, doors.port) : doors.port,
      nosec: read(options.nosec),
      tls: {
        ...tls,
        certificateFile: resolve(home.root, tls.certificateFile),
        keyFile: resolve(home.root, tls.keyFile),
      },
      callers: {
        ...security,
        home: home.root,
        trustDirectory: resolve(home.root, security.trustDirectory),
        vomsDirectory: resolve(home.root, security.vomsDirectory),
      },
      ...(front.certificates === '' && front.addresses.length === 0 ? {} : { front }),
      http: { ...http, drain: limits.drain },
      health: read(options.health),
      metrics: read(options.metrics),
      admin: { socket: home.adminSocket, staging: home.staging(), uploadLimit: archives.archiveSize },
    },
    limits,
    traffic: atLeast(http.bodyLimit, traffic),
    restart: { ...delays, giveUp: { failures, within } },
    archives,
    ...(url.hosts.length === 0 ? {} : { deployFromUrl: { ...url, longest: archives.archiveSize } }),
    ...services,
    isolation: read(options.isolation),
    instances: { ...instances, of: new Map(instances.of.map((item) => instanceCount(item) as [string, number])) },
    supervision: { ...read(options.supervision), memoryMegabytes, descriptors },
    ...(serviceUser === undefined ? {} : { serviceUser }),
    ...read(options.rules),
    labels: labelsIn(home.etc(...labelsFile)),
    logLevel: read(options.log).level,
    flight: read(options.flight),
    audit: read(options.audit),
    logs: {
      fileSize: logs.fileSize,
      fileAge: logs.fileHours * hour,
      keptSize: logs.keptSize,
      keptFor: logs.keptDays * 24 * hour,
    },
    warnings: layers.flatMap(({ name, root }) =>
      [...(root.lost ?? []), ...unknownOptions(root, '/DHN', everyOption)].map(
        (one) => `${placeText({ file: name, line: one.line })}: ${one.text}`,
      ),
    ),
  }
}

/** Where an installation of DIRAC names the port of its HTTPS services. */
const tornadoPort = (root: CfgSection, otherwise: number): number =>
  valueAt(root, `${getSystemSection(root, 'Tornado')}/Port`, otherwise)

/** A single call must always find room in a node that has nothing else to do. */
function atLeast(
  bodyLimit: number,
  { calls, bytes, nodeBytes }: ContainerConfig['traffic'],
): ContainerConfig['traffic'] {
  const least = Math.max(bytes, bodyLimit)
  return { calls, bytes: least, nodeBytes: Math.max(nodeBytes, least) }
}
