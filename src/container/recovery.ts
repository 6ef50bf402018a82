import { mkdir, rm } from 'node:fs/promises'
import { inject, injectable } from 'inversify'
import { DhnError, errorAsData } from '../service/errors.ts'
import { failpoint } from '../store/failpoint.ts'
import type { DeploymentRecord, VersionRecord } from '../store/records.ts'
import { configuredServices, isConfiguredId } from './configured-services.ts'
import { ContainerConfig } from './container-config.ts'
import { deploymentFolder } from './content.ts'
import { dependencyOrder } from './dependencies.ts'
import { EndpointTable } from './endpoints.ts'
import { type Beginning, IncarnationMaker } from './incarnation-maker.ts'
import { endOf } from './instance-record.ts'
import { InstanceRegistry, type Live } from './instance-registry.ts'
import { Janitor } from './janitor.ts'
import { linkDhn } from './link-stubs.ts'
import { type Manifest, withoutArchive } from './manifest.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import { AddressTaken } from './plan-errors.ts'
import { Planner } from './planner.ts'
import { Restorer } from './restorer.ts'
import { SharedStates } from './shared-states.ts'
import { linksOf } from './stubs.ts'
import type { DeploymentReport } from './views.ts'

/** The states that a run ends in when it is stopped, or gives up. */
const ended: ReadonlySet<string> = new Set(['down', 'failed'])

/** The node ended before the operation did. */
export class OperationInterrupted extends DhnError {
  readonly code = 'DHN_OPERATION_INTERRUPTED'
  constructor() {
    super('the node ended before the operation did', { next: 'repeat the command: nothing half done is left of it' })
  }
}

/**
 * Brings the node back to what its store says, however it ended: a function of the store and of what lies in the home's
 * folders, and the same when it is done twice.
 */
@injectable()
export class Recovery {
  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(EndpointTable) private readonly endpoints: EndpointTable,
    @inject(IncarnationMaker) private readonly maker: IncarnationMaker,
    @inject(Restorer) private readonly restorer: Restorer,
    @inject(Planner) private readonly planner: Planner,
    @inject(Janitor) private readonly janitor: Janitor,
    @inject(SharedStates) private readonly shared: SharedStates,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** Makes everything that is deployed live again; nothing is started yet. A part that is missing fails alone. */
  async run(): Promise<void> {
    const { home } = this.config
    await rm(home.staging(), { recursive: true, force: true })
    for (const folder of [home.staging(), home.stubs(), home.archives(), home.log(), home.var('state')]) {
      await mkdir(folder, { recursive: true })
    }
    await mkdir(home.etc('credentials'), { recursive: true, mode: 0o700 })
    await linkDhn(home, this.config.package)
    await rm(home.var('configured'), { recursive: true, force: true })
    const configured = configuredServices(this.config.sources.localLayers(), home, this.config.configuredServices)
    if (this.store.before !== undefined) this.log.info(this.store.before, 'the node ran with other versions before')
    await this.planner.look()
    await this.#closeReports()
    this.#endInstances(new Set(configured.map(({ garId }) => garId)))
    await this.#forgetShared()
    await this.janitor.tidy()
    await failpoint('recovery.tidied')
    const found = await this.#sequentially(this.store.deployments(), (record) => this.#find(record))
    for (const one of dependencyOrder(found)) this.#revive(one)
    for (const manifest of configured) this.#begin(manifest)
  }

  /** Says of each operation that was under way what has become of it. */
  async #closeReports(): Promise<void> {
    const open = (this.store.reports() as unknown as DeploymentReport[]).filter(({ status }) => status === 'OPEN')
    const report = open.map((one): DeploymentReport => {
      const closed = { ...one, status: 'CLOSED', endedAt: new Date().toISOString() } as const
      if (this.#happened(one)) return { ...closed, outcome: 'done' }
      return { ...closed, outcome: 'failed', cause: one.cause ?? errorAsData(new OperationInterrupted()) }
    })
    if (report.length > 0) await this.store.commit({ report })
  }

  /** Of what is no longer deployed nothing lives, even if the node ended before it could say so. */
  #endInstances(configured: ReadonlySet<string>): void {
    const instance = this.store
      .instances()
      .filter(
        ({ garId, state }) => this.store.deployment(garId) === undefined && !configured.has(garId) && !ended.has(state),
      )
      .flatMap((record) => endOf(record) ?? [])
    if (instance.length > 0) this.store.note({ instance })
  }

  #happened({ id, type, garId }: DeploymentReport): boolean {
    if (type === 'UNDEPLOY') return this.store.deployment(garId) === undefined
    return this.store.history(garId).some(({ operation, verdict }) => operation === id && verdict !== 'failed')
  }

  /**
   * What the node could not remove when it ended. What services of the configuration share stays: leaving one out of a start
   * must not cost it anything.
   */
  async #forgetShared(): Promise<void> {
    const gone = this.store.shared
      .garIds()
      .filter((garId) => this.store.deployment(garId) === undefined && !isConfiguredId(garId))
    for (const garId of gone) await this.shared.forget(garId)
  }

  /** The papers of what is deployed, made anew where they are missing. */
  async #find(record: DeploymentRecord): Promise<Found> {
    const version = this.#versionOf(record)
    const staging = this.config.home.staging(`restored-${record.garId}`)
    try {
      const held = this.store.stubs()
      const needed = ({ carries }: Manifest) =>
        carries.filter((one) => held.some((stubs) => stubs.package === one.package && stubs.digest === one.digest))
      const { manifest, content } = await this.restorer.find(version, staging, needed)
      if (content !== undefined) {
        this.log.warn({ garId: record.garId, digest: record.digest }, 'a deployment was incomplete and is made anew')
        await rm(deploymentFolder(this.config.home, record), { recursive: true, force: true })
        await content.stage()
        await content.sync()
        await content.place()
      }
      return { record, version, manifest }
    } catch (error) {
      this.log.error({ garId: record.garId, error: errorAsData(error) }, 'a deployment could not be brought back')
      return { record, version, manifest: nothing(record, version), broken: errorAsData(error) }
    } finally {
      await rm(staging, { recursive: true, force: true })
    }
  }

  #revive({ record, version, manifest, broken }: Found): void {
    const { garId, digest, mode, desired } = record
    const beginning: Beginning = {
      manifest,
      mode,
      desired,
      links: linksOf(manifest, this.store.stubs()),
      substitute: this.#diedWithTheNode(garId),
      policy: this.config.restart,
    }
    const incarnation = this.maker.make(beginning)
    const live: Live = { garId, number: record.live, digest, mode, manifest, incarnation, record, version }
    this.registry.setLive(broken === undefined ? live : { ...live, broken })
    this.endpoints.switch(garId, incarnation?.targets ?? [])
    incarnation?.goLive(this.config.restart)
  }

  /** A service of the configuration; where an archive serves its address, that one does. */
  #begin(manifest: Manifest): void {
    const { garId, digest, archive, version, services } = manifest
    const names = services.secure?.map(({ name }) => name) ?? []
    const other = this.registry
      .live()
      .find((live) => live.manifest.services[live.mode]?.some(({ name }) => names.includes(name)))
    const record: DeploymentRecord = { garId, live: 0, digest, mode: 'secure', desired: 'ready' }
    const at = new Date().toISOString()
    const begun: VersionRecord = { ...record, number: 0, version, archive, verdict: 'ready', at, operation: '' }
    const broken = other && errorAsData(new AddressTaken(`/${names[0]}`, other.garId))
    if (broken === undefined) this.#revive({ record, version: begun, manifest })
    else {
      this.log.warn({ garId, error: broken }, 'a service of the configuration is not started')
      this.#revive({ record, version: begun, manifest: { ...manifest, services: {} }, broken })
    }
  }

  /** A run that ended without being stopped: what comes now is a substitute. */
  #diedWithTheNode(garId: string): boolean {
    const state = this.store.instance(garId)?.state
    return state !== undefined && !ended.has(state)
  }

  /** The history of what is live is never forgotten; a store that lost it still says what is deployed. */
  #versionOf({ garId, live, digest, mode }: DeploymentRecord): VersionRecord {
    const found = this.store.history(garId).find(({ number }) => number === live)
    const at = new Date().toISOString()
    return (
      found ?? {
        garId,
        number: live,
        digest,
        mode,
        version: '',
        archive: `${garId}.gar`,
        verdict: 'ready',
        at,
        operation: '',
      }
    )
  }

  async #sequentially<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = []
    for (const item of items) results.push(await work(item))
    return results
  }
}

interface Found extends Pick<Live, 'record' | 'version' | 'manifest'> {
  readonly broken?: NonNullable<Live['broken']>
}

const nothing = ({ garId, digest }: DeploymentRecord, { archive, version }: VersionRecord): Manifest => ({
  ...withoutArchive,
  garId,
  digest,
  archive,
  version,
  services: {},
})
