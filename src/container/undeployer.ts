import { inject, injectable } from 'inversify'
import { errorAsData } from '../service/errors.ts'
import { failpoint } from '../store/failpoint.ts'
import { refuseConfigured } from './configured-services.ts'
import { EndpointTable } from './endpoints.ts'
import { Holds } from './holds.ts'
import type { Operation } from './hosting-node.ts'
import { endOf, instanceRecordOf } from './instance-record.ts'
import { InstanceRegistry, type Live } from './instance-registry.ts'
import { Janitor } from './janitor.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import type { RunningOperation } from './operation.ts'
import { Operations, type Outcome } from './operations.ts'
import { DeploymentUnknown } from './plan-errors.ts'
import { Planner } from './planner.ts'
import { packagesOf, setMain } from './report-packages.ts'
import { SharedStates } from './shared-states.ts'
import { committing, Turns } from './turns.ts'
import type { Plan } from './views.ts'

/**
 * Ends a deployment. What its service keeps in `var/state/` stays, as do its log and its history; what its instances share
 * goes.
 */
@injectable()
export class Undeployer {
  constructor(
    @inject(Operations) private readonly operations: Operations,
    @inject(Turns) private readonly turns: Turns,
    @inject(Planner) private readonly planner: Planner,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(EndpointTable) private readonly endpoints: EndpointTable,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(Holds) private readonly holds: Holds,
    @inject(Janitor) private readonly janitor: Janitor,
    @inject(SharedStates) private readonly shared: SharedStates,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** @throws {DeploymentUnknown | ServiceConfigured} */
  undeploy(garId: string): Operation {
    if (this.registry.get(garId) === undefined) throw new DeploymentUnknown(garId)
    refuseConfigured(this.registry.get(garId)?.manifest, 'there is nothing to undeploy')
    return this.operations.run('UNDEPLOY', garId, (operation) =>
      this.turns.with([garId], async (): Promise<Outcome> => {
        const live = this.registry.get(garId)
        if (live === undefined) throw new DeploymentUnknown(garId)
        await this.#undeploy(operation, live)
        return 'done'
      }),
    )
  }

  /**
   * The desired state changes first: what can't be kept has no effect. From then on the service isn't here for callers;
   * those who are inside get their answers before it is stopped.
   */
  async #undeploy(operation: RunningOperation, live: Live): Promise<void> {
    const { garId, manifest, incarnation } = live
    operation.packages(packagesOf(manifest))
    await failpoint('undeploy.planned')
    const letGo = this.holds.take({ deployments: [live], stubs: incarnation?.spec.links ?? [] })
    try {
      await this.turns.with([committing], () =>
        operation.step('switch', async () => {
          const plan = this.planner.undeploy(garId)
          const stubs = this.planner.stubsAfter(garId)
          await this.store.commit({ gone: garId, stubs, report: operation.report })
          try {
            await failpoint('undeploy.committed')
          } finally {
            this.registry.remove(garId)
            this.endpoints.switch(garId, [])
            tellPackages(operation, live, plan)
          }
        }),
      )
      await failpoint('undeploy.switched')
      await operation.step('drain', async () => incarnation?.stop())
      const instance = incarnation ? instanceRecordOf(incarnation) : endOf(this.store.instance(garId))
      if (instance !== undefined) this.store.note({ instance })
      await this.#forgetShared(garId)
      await failpoint('undeploy.stopped')
    } finally {
      letGo()
    }
    void this.janitor.tidy()
  }

  /** What can't be removed now is when the GAR is deployed again, or when the node starts. */
  async #forgetShared(garId: string): Promise<void> {
    await this.shared.forget(garId).catch((error: unknown) => {
      this.log.warn({ garId, error: errorAsData(error) }, 'what it shared could not be removed')
    })
  }
}

function tellPackages(operation: RunningOperation, { manifest }: Live, plan: Plan): void {
  const removed = new Set(
    plan.stubs.filter(({ action }) => action === 'remove').map((one) => `${one.package} ${one.version}`),
  )
  operation.setStatus('UNDEPLOYED')
  for (const { package: name, version } of manifest.carries) {
    if (removed.has(`${name} ${version}`)) continue
    operation.setStatus(
      'NOTUNDEPLOYABLE',
      (one) => name.endsWith(`/${one.packageName}`) && one.packageVersion === version,
      'others use it',
    )
  }
  setMain(operation, manifest, 'UNDEPLOYED')
}
