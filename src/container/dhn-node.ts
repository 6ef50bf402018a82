import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { inject, injectable } from 'inversify'
import { type LogChoice, openLog } from '../logs/open-log.ts'
import { type Expiry, endingSoon } from '../security/expiries.ts'
import { Addresses } from './addresses.ts'
import { Authorization } from './authorization.ts'
import { ConfigurationCopy } from './configuration-copy.ts'
import { noVersions, refuseConfigured } from './configured-services.ts'
import { ContainerConfig } from './container-config.ts'
import { dependenciesOf, dependencyOrder, instanceNameOf } from './dependencies.ts'
import { Deployer } from './deployer.ts'
import { ExpiryWarnings } from './expiry-warnings.ts'
import { fetchArchive } from './fetch-archive.ts'
import { findInstance } from './find-instance.ts'
import { FlightRecorders } from './flight-recorders.ts'
import type { DeployRequest, DoorsState, HostingNode, Operation, TrustState } from './hosting-node.ts'
import { InstanceControl } from './instance-control.ts'
import { InstanceRegistry, type Live } from './instance-registry.ts'
import { InstanceViews } from './instance-view.ts'
import { Janitor } from './janitor.ts'
import { lastLines } from './last-lines.ts'
import { ModuleWatch } from './module-watch.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import { Operations } from './operations.ts'
import { DeploymentUnknown } from './plan-errors.ts'
import { Planner } from './planner.ts'
import { Recovery } from './recovery.ts'
import { ServiceOutput } from './service-output.ts'
import { linksOf, stubsInUse } from './stubs.ts'
import { Undeployer } from './undeployer.ts'
import type {
  DeploymentReport,
  DeploymentView,
  ExpiryView,
  FlightView,
  HistoryView,
  InstanceView,
  NodeView,
  Plan,
  StubsView,
} from './views.ts'

/** This node: what is asked of it, its start and its end. */
@injectable()
export class DhnNode implements HostingNode {
  readonly #startedAt = new Date().toISOString()
  #state: NodeView['state'] = 'starting'
  #stopped: Promise<void> | undefined
  #doors: DoorsState = { expiries: () => [], unusable: () => 0 }
  #warnings: ExpiryWarnings | undefined

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(Recovery) private readonly recovery: Recovery,
    @inject(Operations) private readonly operating: Operations,
    @inject(Deployer) private readonly deployer: Deployer,
    @inject(Undeployer) private readonly undeployer: Undeployer,
    @inject(InstanceControl) private readonly control: InstanceControl,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(InstanceViews) private readonly views: InstanceViews,
    @inject(Planner) private readonly planner: Planner,
    @inject(Janitor) private readonly janitor: Janitor,
    @inject(Addresses) private readonly addresses: Addresses,
    @inject(Authorization) private readonly authorization: Authorization,
    @inject(ConfigurationCopy) private readonly copy: ConfigurationCopy,
    @inject(NodeLog) private readonly nodeLog: NodeLog,
    @inject(ServiceOutput) private readonly output: ServiceOutput,
    @inject(FlightRecorders) private readonly flights: FlightRecorders,
    @inject(ModuleWatch) private readonly modules: ModuleWatch,
  ) {}

  /** Brings back what is deployed. Resolves when all of it is on its way; `settled` says when it has arrived. */
  async recover(): Promise<void> {
    await this.copy.start()
    this.authorization.start()
    await this.flights.tidy()
    await this.recovery.run()
  }

  /** Starts everything that is deployed, those first on which others depend; resolves when all have settled. */
  async start(): Promise<void> {
    const waiting = this.#inOrder().map(({ incarnation }) => incarnation)
    const launch = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (this.#stopped !== undefined) return
        next?.start()
        await next?.launched()
      }
    }
    // A start computes nearly all the time; the two more are for its turns of waiting for the node.
    const together = this.config.launches || availableParallelism() + 2
    await Promise.all(Array.from({ length: together }, launch))
    if (this.#stopped !== undefined) return
    await Promise.all(this.#inOrder().map(({ incarnation }) => incarnation?.settled()))
    if (this.#state === 'starting') this.#state = 'running'
    this.modules.start()
  }

  /** The doors are open: these are the base addresses, the secure one first. */
  isServedAt(bases: readonly string[], doors: DoorsState = this.#doors): void {
    this.addresses.bases = bases
    this.#doors = doors
    this.#warnings = new ExpiryWarnings(this.nodeLog, () => doors.expiries())
    this.#warnings.start()
  }

  trust(): TrustState {
    return this.#doors
  }

  /**
   * Ends what is under way, then every service, those first that depend on others, each when its calls in flight have
   * been answered. The desired state stays as it is. Safe twice.
   */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  view(): NodeView {
    const instances: Record<string, number> = {}
    for (const { state } of this.views.list(false)) instances[state] = (instances[state] ?? 0) + 1
    const expiries = this.#doors.expiries()
    const ending = endingSoon(expiries, Date.now()).map(expiryView)
    const [first] = expiries.map(expiryView)
    const fronts = this.#doors.fronts?.()
    return {
      id: this.store.nodeId,
      version: this.config.version,
      node: process.version,
      home: this.config.home.root,
      pid: process.pid,
      state: this.#state,
      startedAt: this.#startedAt,
      addresses: this.addresses.bases,
      instances,
      ...(fronts && { fronts }),
      ...(first && { expires: first }),
      ...(ending.length > 0 && { ending }),
    }
  }

  list(): readonly DeploymentView[] {
    return this.registry.live().map((live) => this.#viewOf(live))
  }

  show(garId: string): DeploymentView {
    return this.#viewOf(this.#live(garId))
  }

  history(garId: string): HistoryView {
    refuseConfigured(this.registry.get(garId)?.manifest, noVersions)
    const history = this.store.history(garId)
    if (history.length === 0) throw new DeploymentUnknown(garId)
    const live = this.store.deployment(garId)?.live
    return history.map((version) => ({ ...version, live: version.number === live }))
  }

  plan(request: DeployRequest): Promise<Plan> {
    this.operating.check()
    return this.deployer.plan(request, `plan-${randomUUID()}`)
  }

  planUndeploy(garId: string): Plan {
    refuseConfigured(this.registry.get(garId)?.manifest, 'there is nothing to undeploy')
    return this.planner.undeploy(garId)
  }

  planRollback(garId: string): Plan {
    return this.deployer.planRollback(garId)
  }

  deploy(request: DeployRequest): Operation {
    return this.deployer.deploy(request)
  }

  async fetch(url: string): Promise<Pick<DeployRequest, 'file' | 'name'>> {
    const folder = this.config.home.staging(`fetched-${randomUUID()}`)
    const file = `${folder}.archive`
    await mkdir(this.config.home.staging(), { recursive: true })
    await rm(file, { force: true })
    return { file, name: await fetchArchive(url, this.config.deployFromUrl, file) }
  }

  undeploy(garId: string): Operation {
    return this.undeployer.undeploy(garId)
  }

  rollback(garId: string): Operation {
    return this.deployer.rollback(garId)
  }

  operations(): readonly DeploymentReport[] {
    return this.operating.reports()
  }

  operation(id: string): Operation | undefined {
    return this.operating.get(id)
  }

  instances(all: boolean): readonly InstanceView[] {
    return this.views.list(all)
  }

  instance(name: string): InstanceView {
    return this.views.withShared(findInstance(this.views.list(true), name))
  }

  enable(name: string): Promise<InstanceView> {
    return this.#request(name, 'ready')
  }

  disable(name: string): Promise<InstanceView> {
    return this.#request(name, 'disabled')
  }

  restart(name: string): Operation {
    return this.control.restart(this.instance(name).garId)
  }

  async lastLines(name: string, lines: number): Promise<readonly string[]> {
    const { log } = this.instance(name)
    await this.output.flush(log)
    return lastLines(log, lines)
  }

  async log(name: string, choice: LogChoice, ended: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const { log } = this.instance(name)
    await this.output.flush(log)
    return openLog(log, choice, ended)
  }

  async flight(name: string): Promise<FlightView> {
    return this.flights.view(this.instance(name).garId)
  }

  stubs(): readonly StubsView[] {
    return stubsInUse(this.registry.live(), this.store.stubs())
  }

  #viewOf(live: Live): DeploymentView {
    const { garId, number, digest, mode, manifest, record, version } = live
    const instance = this.views.of(live)
    const { configured } = manifest
    const carried = new Set(manifest.carries.map((one) => `${one.package} ${one.version}`))
    return {
      garId,
      version: manifest.version,
      number,
      digest,
      mode,
      archive: manifest.archive,
      ...(configured && { configured: `${configured.section} in ${configured.place}` }),
      deployedAt: version.at,
      desired: record.desired,
      ...(instance === undefined ? {} : { instance }),
      stubs: linksOf(manifest, this.store.stubs()).map((link) => ({
        package: link.package,
        version: link.version,
        carried: carried.has(`${link.package} ${link.version}`),
      })),
    }
  }

  /** Once it is done the answer says so: it needs nothing of the store, which may not be readable any more. */
  async #request(name: string, to: 'ready' | 'disabled'): Promise<InstanceView> {
    const { garId } = this.instance(name)
    await this.control.request(garId, to)
    return this.views.of(this.#live(garId)) as InstanceView
  }

  #live(garId: string): Live {
    const live = this.registry.get(garId)
    if (live === undefined) throw new DeploymentUnknown(garId)
    return live
  }

  async #stop(): Promise<void> {
    this.#state = 'stopping'
    this.operating.refuse()
    this.modules.stop()
    this.copy.stop()
    await Promise.all(this.registry.candidates().map(({ incarnation }) => incarnation?.stop()))
    await this.operating.ended()
    await this.#stopInOrder()
    this.#warnings?.stop()
    this.authorization.stop()
    await this.flights.stop()
    await this.janitor.tidy()
    this.nodeLog.info({}, 'every running instance is down')
  }

  /** Each after those it depends on. */
  #inOrder(): readonly Live[] {
    return dependencyOrder(this.registry.live())
  }

  /** Each stops when all that depend on it have stopped. */
  async #stopInOrder(): Promise<void> {
    const stopping = new Map<string, Promise<void>>()
    for (const one of this.#inOrder().toReversed()) {
      const name = instanceNameOf(one.manifest)
      const users = this.#inOrder().filter(({ manifest }) => name && dependenciesOf(manifest).includes(name))
      const stopped = Promise.all(users.map(({ garId }) => stopping.get(garId)))
      stopping.set(
        one.garId,
        stopped.then(() => one.incarnation?.stop()),
      )
    }
    await Promise.all(stopping.values())
  }
}

const expiryView = ({ what, name, at }: Expiry): ExpiryView => ({ what, name, at: new Date(at).toISOString() })
