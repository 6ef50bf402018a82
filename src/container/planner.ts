import { inject, injectable } from 'inversify'
import type { Mode } from '../archive/archive.ts'
import type { Problem } from '../archive/problem.ts'
import type { DeploymentRecord, StubsRecord, VersionRecord } from '../store/records.ts'
import { ContainerConfig } from './container-config.ts'
import { Holds } from './holds.ts'
import { InstanceRegistry } from './instance-registry.ts'
import type { Manifest } from './manifest.ts'
import { nodeFacts } from './node-facts.ts'
import { NodeStore } from './node-store.ts'
import { planDeploy, planRollback, planUndeploy, type Situation, stubsAfter } from './plan.ts'
import type { NodeFacts } from './requirements.ts'
import { holdStubs } from './stubs.ts'
import type { Plan } from './views.ts'

/** Plans, made on what is deployed here at this moment. */
@injectable()
export class Planner {
  #node: NodeFacts = { facts: {}, labels: {} }

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(Holds) private readonly holds: Holds,
  ) {}

  /** Looks what this node is now, for the requirements of packages. */
  async look(): Promise<void> {
    this.#node = await nodeFacts(this.config.home.root, this.config.labels)
  }

  deploy(manifest: Manifest, mode: Mode, problems: readonly Problem[]): Plan {
    const situation = this.#situation(manifest.garId)
    const { instances } = this.config
    return this.#possible(planDeploy({ ...situation, manifest, problems, mode, node: this.#node, instances }))
  }

  rollback(garId: string, target: { readonly version: VersionRecord; readonly manifest: Manifest } | undefined): Plan {
    const { instances } = this.config
    return this.#possible(planRollback({ ...this.#situation(garId), garId, target, node: this.#node, instances }))
  }

  undeploy(garId: string): Plan {
    return planUndeploy({ ...this.#situation(garId), garId })
  }

  /** The shared packages that are held once `manifest` is live, or once the GAR of that ID is gone. */
  stubsAfter(change: Manifest | string): readonly StubsRecord[] {
    return stubsAfter(this.#situation(typeof change === 'string' ? change : change.garId), change)
  }

  /** The shared packages that those who are here use. */
  stubsNow(): readonly StubsRecord[] {
    const { live, held } = this.#situation(undefined)
    return holdStubs(
      live.map(({ manifest }) => manifest),
      held,
    )
  }

  /** What is live, and what other operations are bringing: names are theirs from the moment of their plan. */
  #situation(own: string | undefined): Situation {
    const coming = this.holds.all().flatMap((hold) => hold.coming ?? [])
    return {
      // What is broken is deployed anew, even with the same archive.
      live: [
        ...this.registry.live().filter((live) => live.garId !== own || !live.broken),
        ...coming.filter(({ record }) => record.garId !== own && !this.#isLive(record)),
      ],
      held: this.store.stubs(),
    }
  }

  #isLive({ garId, digest, mode }: DeploymentRecord): boolean {
    const live = this.registry.get(garId)
    return live?.digest === digest && live.mode === mode
  }

  /** What isn't live yet is restarted by the operation that brings it, when it finds that its stubs have changed. */
  #possible(plan: Plan): Plan {
    return { ...plan, restarts: plan.restarts.filter((garId) => this.registry.get(garId)?.incarnation !== undefined) }
  }
}
