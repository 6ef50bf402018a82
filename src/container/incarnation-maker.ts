import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, injectable } from 'inversify'
import type { Mode } from '../archive/archive.ts'
import { checkDescribedMethods } from '../archive/security-descriptors.ts'
import { MakePlace, type PlaceSpec, type Registration } from '../isolate/place.ts'
import type { RestartPolicy } from '../lifecycle/restart-policy.ts'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import { Addresses } from './addresses.ts'
import { Authorization } from './authorization.ts'
import { ContainerConfig } from './container-config.ts'
import { runFolder } from './content.ts'
import { CredentialFiles } from './credentials.ts'
import type { Target } from './endpoints.ts'
import { FlightRecorders } from './flight-recorders.ts'
import { Followers } from './followers.ts'
import { Incarnation } from './incarnation.ts'
import { FiguresBook } from './instance-figures.ts'
import { InstanceIds } from './instance-ids.ts'
import { instanceRecordOf } from './instance-record.ts'
import { InstanceRegistry, type Live } from './instance-registry.ts'
import { instancesOf, instancesRefused } from './instance-rules.ts'
import { isolationOf } from './isolation-rules.ts'
import { linkStubs } from './link-stubs.ts'
import type { Manifest } from './manifest.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import { openToUser } from './open-to-user.ts'
import { liveConfiguration, withSections } from './service-configuration.ts'
import { serviceEnvironment } from './service-environment.ts'
import { ServiceOutput } from './service-output.ts'
import { ServiceRules } from './service-rules.ts'
import { SharedStates } from './shared-states.ts'
import type { StubsLink } from './stubs.ts'
import { stubsFolder } from './stubs-folder.ts'
import { SharedBytes } from './traffic.ts'

/** Which version is to run, and how it begins. */
export interface Beginning {
  readonly manifest: Manifest
  readonly mode: Mode
  readonly links: readonly StubsLink[]
  readonly desired: 'ready' | 'disabled'
  /** It replaces an instance that died. */
  readonly substitute: boolean
  readonly policy: RestartPolicy | 'never'
}

/** Makes incarnations, each with all it needs of this node. */
@injectable()
export class IncarnationMaker {
  readonly #credentials: CredentialFiles
  readonly #sharedBytes: SharedBytes

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(InstanceIds) private readonly ids: InstanceIds,
    @inject(Addresses) private readonly addresses: Addresses,
    @inject(MakePlace) private readonly makePlace: MakePlace,
    @inject(Authorization) private readonly authorization: Authorization,
    @inject(NodeLog) private readonly log: NodeLog,
    @inject(ServiceOutput) private readonly output: ServiceOutput,
    @inject(FlightRecorders) private readonly flights: FlightRecorders,
    @inject(FiguresBook) private readonly figures: FiguresBook,
    @inject(Followers) private readonly followers: Followers,
    @inject(SharedStates) private readonly shared: SharedStates,
  ) {
    this.#credentials = new CredentialFiles(config.home.etc('credentials'))
    this.#sharedBytes = new SharedBytes(config.traffic.nodeBytes)
  }

  /** Undefined for an archive of Software packages only, which has no service. Nothing is started yet. */
  make(beginning: Beginning): Incarnation | undefined {
    const { manifest, mode, links, desired, substitute, policy } = beginning
    const services = manifest.services[mode]
    if (services === undefined) return undefined
    const { home, limits, traffic } = this.config
    const { garId, digest } = manifest
    const persistentDirectory = home.var('state', garId)
    const { certificateAuthorities, serviceUser, callSockets } = this.config
    const isolation = isolationOf(this.config.isolation, manifest)
    const { configuration } = this.authorization.snapshot
    return new Incarnation(
      {
        digest,
        links,
        traffic,
        sharedBytes: this.#sharedBytes,
        figures: this.figures.of(garId, manifest.version),
        dependencies: manifest.dependencies,
        life: { secure: mode === 'secure', desired, substitute, policy, limits },
        place: {
          directory: runFolder(home, manifest),
          garId,
          riId: this.ids.of(garId),
          dhnId: this.store.nodeId,
          configurationDirectory: `etc/${garId}`,
          persistentDirectory,
          secure: mode === 'secure',
          services: withSections(services, configuration),
          jndi: manifest.jndi,
          logFile: home.log(`${garId}.log`),
          environment: serviceEnvironment(this.config.environment, {
            persistentDirectory,
            ...(certificateAuthorities === undefined ? {} : { certificateAuthorities }),
          }),
          heapMegabytes: this.config.heapMegabytes,
          limits,
          isolation,
          ...(callSockets === undefined || isolation === 'thread' ? {} : { callSockets }),
          supervision: this.config.supervision,
          ...(serviceUser === undefined ? {} : { user: serviceUser }),
          ...this.#several(manifest),
        },
      },
      {
        makePlace: this.makePlace,
        credentials: this.#credentials,
        others: this.registry,
        flight: this.flights.of(garId),
        followers: this.followers,
        log: this.log,
        prepare: async ({ spec }) => {
          await mkdir(persistentDirectory, { recursive: true, mode: 0o700 })
          // An archive's folder is never made here: without its content it must not look as if it were there.
          if (manifest.configured !== undefined) await mkdir(spec.place.directory, { recursive: true })
          await linkStubs(home, spec.place.directory, spec.links)
          if (serviceUser !== undefined) {
            const stubs = spec.links.map((link) => stubsFolder(home, link))
            const modules = services.flatMap(({ module }) => module ?? [])
            await openToUser(home, serviceUser, {
              directory: spec.place.directory,
              persistentDirectory,
              others: [...stubs, ...modules, join(this.config.package, 'package.json')],
            })
          }
          return this.output.begin(spec.place.logFile, startLine(beginning))
        },
        registered: (_, registration) => {
          this.registry.checkName(garId, registration)
          checkSecurity(manifest, mode, registration)
        },
        rulesOf: (target, registration) => this.#rulesOf(manifest, mode, target, registration),
        addressOf: (serviceName) => this.addresses.ofService(serviceName),
        joinShared: () => this.shared.join(garId),
        configuration: liveConfiguration(services, () => this.authorization.snapshot.configuration),
        changed: (incarnation, { state, lost }) => this.#changed(incarnation, state, lost),
      },
    )
  }

  /** What is live already goes on in one place when it is asked for what it can't: a deploy of it is refused. */
  #several(manifest: Manifest): Pick<PlaceSpec, 'several'> {
    const { instances, restart } = this.config
    const refused = instancesRefused(instances, manifest)
    if (refused !== undefined) this.log.error({ garId: manifest.garId, error: errorAsData(refused) }, refused.message)
    const count = instancesOf(instances, manifest)
    return count === 1 ? {} : { several: { count, restart } }
  }

  #rulesOf(
    manifest: Manifest,
    mode: Mode,
    { service, index, secure }: Target,
    registration: Registration,
  ): ServiceRules | undefined {
    const descriptor = manifest.security[mode]?.[service]?.descriptor
    const { className = '', parameters = {} } = manifest.services[mode]?.[index] ?? {}
    if (!secure && descriptor === undefined) return undefined
    const { home } = this.config
    const ruled = {
      service,
      className,
      secure,
      parameters,
      methods: registration.endpoints[index]?.methods ?? {},
      descriptors: descriptor === undefined ? {} : { service: descriptor },
      directory: runFolder(home, manifest),
      gridMap: home.etc('grid-security', 'grid-mapfile'),
    }
    return new ServiceRules(ruled, this.authorization)
  }

  /** The life of the one that is live is kept; candidates are nobody's business until they take over. */
  #changed(incarnation: Incarnation, state: boolean, lost: ErrorData | undefined): void {
    if (lost !== undefined) this.flights.freeze(incarnation.garId, lost)
    if (state && incarnation.state === 'failed') this.flights.freeze(incarnation.garId, incarnation.life.cause)
    const live = this.registry.get(incarnation.garId)
    if (state && live?.incarnation === incarnation) {
      this.store.note({ instance: instanceRecordOf(incarnation) })
      if (incarnation.serving && live.version.verdict === 'untried') this.#hasBeenReady(live)
    }
    this.registry.changed()
  }

  #hasBeenReady(live: Live): void {
    const version = { ...live.version, verdict: 'ready' } as const
    this.store.note({ version })
    this.registry.setLive({ ...live, version })
  }
}

/** A descriptor that names a method which its service hasn't would protect nothing. @throws {SecurityMethodUnknown} */
function checkSecurity({ security }: Manifest, mode: Mode, { endpoints }: Registration): void {
  for (const { service, methods } of endpoints) {
    const described = security[mode]?.[service]
    if (described === undefined) continue
    const { descriptor, providers } = described
    checkDescribedMethods(descriptor, { name: service, providers }, Object.keys(methods))
  }
}

/** In the form of the lines that services log. */
function startLine({ manifest, mode }: Beginning): string {
  const { garId, version, digest } = manifest
  const named = [garId, version, digest.slice(0, 12), mode].filter((word) => word !== '').join(' ')
  return `${new Date().toISOString()} INFO  dhn: start of ${named}`
}
