import { inject, injectable } from 'inversify'
import type { Mode } from '../archive/archive.ts'
import { DhnError, type ErrorData, errorAsData, RemoteError } from '../service/errors.ts'
import { failpoint } from '../store/failpoint.ts'
import type { DeploymentRecord, InstanceRecord, VersionRecord } from '../store/records.ts'
import { Addresses } from './addresses.ts'
import { Changeover, type Successor, type Taking } from './changeover.ts'
import type { StagedContent } from './content.ts'
import { Holds } from './holds.ts'
import type { Incarnation } from './incarnation.ts'
import { instanceRecordOf } from './instance-record.ts'
import { type Deployed, InstanceRegistry, type Live } from './instance-registry.ts'
import { Janitor } from './janitor.ts'
import type { Manifest } from './manifest.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import type { RunningOperation } from './operation.ts'
import { NodeStopping } from './operations.ts'
import { Planner } from './planner.ts'
import { packagesOf, setCarried, setFailed, setMain } from './report-packages.ts'
import { SharedStates } from './shared-states.ts'
import { linksOf } from './stubs.ts'
import { committing, Turns } from './turns.ts'
import type { Plan } from './views.ts'

/** A version that should become live. */
export interface Wish {
  readonly type: 'deploy' | 'rollback'
  readonly manifest: Manifest
  readonly mode: Mode
  /** The version that a rollback goes back to. */
  readonly again?: number
  /** What has to be put where it stays first. */
  readonly content?: StagedContent
  /** What would change, as things are at this moment. */
  plan(): Plan
}

/** Other operations have changed what this one was planned on. */
export class SituationChanged extends DhnError {
  readonly code = 'DHN_SITUATION_CHANGED'
  constructor(readonly garId: string) {
    super(`what ${garId} uses was changed by other operations again and again while it started`, {
      next: 'repeat the command when they have ended',
    })
  }
}

const attempts = 3

/**
 * Makes a version the live one.
 *
 * Three things are done in turns. Operations on the same GAR ID, or that restart it, come one after the other. What a
 * plan takes (addresses, stubs) is held for it from then on. And committing is one at a time: it looks again whether
 * what was planned still holds, writes one transaction, and lets calls move in the same breath. Between those an
 * operation may wait long, for a service that it depends on, while others go on.
 */
@injectable()
export class Takeover {
  constructor(
    @inject(Turns) private readonly turns: Turns,
    @inject(Planner) private readonly planner: Planner,
    @inject(Changeover) private readonly changeover: Changeover,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(Holds) private readonly holds: Holds,
    @inject(Janitor) private readonly janitor: Janitor,
    @inject(Addresses) private readonly addresses: Addresses,
    @inject(SharedStates) private readonly shared: SharedStates,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /**
   * Resolves when the version serves and what it replaces is gone; what isn't needed any more is removed afterwards.
   *
   * @param prepare makes the wish; called when the GAR ID is this operation's own, again when it had to be given back
   * @throws why it isn't live; nothing has changed then but the history
   */
  async bring(operation: RunningOperation, garId: string, prepare: () => Promise<Wish>): Promise<'done' | 'unchanged'> {
    try {
      const outcome = await this.#inTurn(operation, garId, prepare)
      void this.janitor.tidy()
      return outcome
    } catch (error) {
      operation.fails(error)
      await this.janitor.tidy()
      throw error
    }
  }

  async #inTurn(
    operation: RunningOperation,
    garId: string,
    prepare: () => Promise<Wish>,
  ): Promise<'done' | 'unchanged'> {
    let names = [garId]
    for (let attempt = 1; ; ) {
      const giveBack = await this.turns.take(...names)
      try {
        const wish = await prepare()
        const plan = wish.plan()
        const touched = [garId, ...plan.restarts]
        if (touched.every((name) => names.includes(name))) return await this.#bring(operation, wish, plan)
        names = touched
      } catch (error) {
        if (!(error instanceof SituationChanged) || attempt === attempts) throw error
        attempt += 1
      } finally {
        giveBack()
      }
    }
  }

  async #bring(operation: RunningOperation, wish: Wish, plan: Plan): Promise<'done' | 'unchanged'> {
    const { manifest, type } = wish
    operation.packages(packagesOf(manifest))
    if (plan.outcome === 'unchanged') {
      operation.setStatus('ALREADYDEPLOYED')
      return 'unchanged'
    }
    const letGo = this.#hold(wish)
    try {
      if (plan.outcome === 'impossible') throw new RemoteError(plan.errors[0] as ErrorData)
      await failpoint(`${type}.planned`)
      await this.#place(operation, wish)
      setCarried(operation, manifest, plan)
      await this.#takeOver(operation, wish, plan)
      return 'done'
    } catch (error) {
      if (error instanceof SituationChanged) throw error
      setFailed(operation, manifest, errorAsData(error))
      throw error
    } finally {
      letGo()
    }
  }

  /** From here on nobody else takes its names, and nobody removes its files or those of the version it replaces. */
  #hold({ manifest, mode }: Wish): () => void {
    const { garId, digest } = manifest
    const live = this.registry.get(garId)
    const record: DeploymentRecord = { garId, live: 0, digest, mode, desired: 'ready' }
    return this.holds.take({
      coming: { record, manifest },
      deployments: [record, ...(live === undefined ? [] : [live])],
      archives: [digest],
      stubs: [...manifest.carries, ...this.planner.stubsAfter(manifest)],
    })
  }

  async #place(operation: RunningOperation, { content, type }: Wish): Promise<void> {
    if (content === undefined || content.placed) return
    await operation.step('stage', () => content.stage())
    if (type === 'deploy') await failpoint('deploy.staged')
    await operation.step('sync', () => content.sync())
    if (type === 'deploy') await failpoint('deploy.synced')
    await operation.step('place', () => content.place())
    if (type === 'deploy') await failpoint('deploy.moved')
  }

  async #takeOver(operation: RunningOperation, wish: Wish, plan: Plan): Promise<void> {
    const { manifest, type } = wish
    const replacing = this.registry.get(manifest.garId)
    const number = this.store.nextNumber(manifest.garId)
    setMain(operation, manifest, 'RUNNING')
    let candidates: readonly Deployed[] = []
    let end: InstanceRecord | undefined
    const failed = (record: InstanceRecord): void => {
      end = record
    }
    try {
      // Of a first version that didn't come up, or of an undeployment, that could not remove it.
      if (replacing === undefined) await this.shared.forget(manifest.garId)
      const successors = this.#successors(wish, number, plan)
      candidates = await operation.step('start', () => this.changeover.start(successors, operation, failed))
      await failpoint(`${type}.candidate-ready`)
      const replaced = await this.turns.with([committing], () =>
        operation.step('switch', () => this.#commit(operation, wish, plan, candidates)),
      )
      setMain(operation, manifest, replacing === undefined ? 'DEPLOYED' : 'UPDATED')
      await failpoint(`${type}.switched`)
      await operation.step('drain', () => this.changeover.retire(replaced))
      await failpoint(`${type}.old-stopped`)
    } catch (error) {
      await this.#undo(operation, { wish, number, candidates, end, error })
      throw error
    }
  }

  #successors({ manifest, mode }: Wish, number: number, { restarts }: Plan): readonly Successor[] {
    const held = this.planner.stubsAfter(manifest)
    const desired = this.registry.get(manifest.garId)?.record.desired ?? 'ready'
    const own = { manifest, mode, number, desired, substitute: false, links: linksOf(manifest, held) }
    const users = restarts.map((garId) => {
      const { manifest, mode, number, record } = this.registry.get(garId) as Live
      return { manifest, mode, number, desired: record.desired, substitute: false, links: linksOf(manifest, held) }
    })
    return [own, ...users]
  }

  /** One transaction, and in the tick after it the switch. */
  async #commit(
    operation: RunningOperation,
    wish: Wish,
    planned: Plan,
    candidates: readonly Deployed[],
  ): Promise<readonly Incarnation[]> {
    this.#check(wish, planned, candidates)
    const { manifest, mode, again, type } = wish
    const [own, ...users] = candidates as [Deployed, ...Deployed[]]
    const { garId, digest, number } = own
    const desired = this.registry.get(garId)?.record.desired ?? 'ready'
    const record: DeploymentRecord = { garId, live: number, digest, mode, desired }
    const version: VersionRecord = {
      ...this.#versionOf(operation, wish, number),
      verdict: desired === 'disabled' && own.incarnation !== undefined ? 'untried' : 'ready',
      ...(again === undefined ? {} : { again }),
    }
    let replaced: readonly Incarnation[]
    await this.store.commit({
      live: record,
      version,
      stubs: this.planner.stubsAfter(manifest),
      instance: candidates.flatMap(({ incarnation }) => (incarnation ? [instanceRecordOf(incarnation)] : [])),
      report: operation.report,
    })
    // What is committed is live, whatever happens now.
    try {
      await failpoint(`${type}.committed`)
    } finally {
      const takings: readonly Taking[] = [
        { candidate: own, record, version },
        ...users.map((candidate) => ({ ...(this.registry.get(candidate.garId) as Live), candidate })),
      ]
      replaced = this.changeover.switch(takings)
      this.#tellInstance(operation, own)
    }
    return replaced
  }

  /** Whether what was planned, and started since, is still what should be. */
  #check(wish: Wish, planned: Plan, candidates: readonly Deployed[]): void {
    const plan = wish.plan()
    if (plan.outcome === 'impossible') throw new RemoteError(plan.errors[0] as ErrorData)
    const held = this.planner.stubsAfter(wish.manifest)
    const sameLinks = candidates.every(
      ({ manifest, incarnation }) =>
        incarnation === undefined || JSON.stringify(incarnation.spec.links) === JSON.stringify(linksOf(manifest, held)),
    )
    if (!sameLinks || plan.restarts.join() !== planned.restarts.join()) throw new SituationChanged(wish.manifest.garId)
    const failed = candidates.find(({ incarnation }) => incarnation?.life.cause !== undefined)?.incarnation?.life.cause
    if (failed !== undefined) throw new RemoteError(failed)
  }

  /** Unless it has been committed: what was started goes, and the history says what happened. */
  async #undo(operation: RunningOperation, failure: Failure): Promise<void> {
    const { wish, number, candidates, end, error } = failure
    const { garId } = wish.manifest
    if (this.registry.get(garId)?.number === number) return
    await this.changeover.abandon(candidates)
    await this.#forgetShared(garId)
    if (error instanceof SituationChanged || error instanceof NodeStopping) return
    operation.fails(error)
    // The end of one that never came up is shown; of one that was to replace another, the other's life goes on.
    const instance = end?.garId === garId && this.registry.get(garId) === undefined ? { instance: end } : {}
    const version = {
      ...this.#versionOf(operation, wish, number),
      verdict: 'failed',
      cause: errorAsData(error),
    } as const
    try {
      await this.turns.with([committing], () =>
        this.store.commit({ version, stubs: this.planner.stubsNow(), ...instance }),
      )
    } catch (problem) {
      this.log.error({ garId, error: errorAsData(problem) }, 'the history of a failed version could not be kept')
    }
  }

  /** Of a version that replaces none nothing stays. What can't be removed now is by the next attempt. */
  async #forgetShared(garId: string): Promise<void> {
    if (this.registry.get(garId) !== undefined) return
    await this.shared.forget(garId).catch((error: unknown) => {
      this.log.warn({ garId, error: errorAsData(error) }, 'what it shared could not be removed')
    })
  }

  #versionOf(operation: RunningOperation, { manifest, mode }: Wish, number: number) {
    const { garId, digest, version, archive } = manifest
    return { garId, number, digest, mode, version, archive, at: new Date().toISOString(), operation: operation.id }
  }

  #tellInstance(operation: RunningOperation, { incarnation }: Deployed): void {
    const registration = incarnation?.registration
    if (incarnation === undefined || registration === undefined) return
    const { riId, services, secure } = incarnation.spec.place
    const { serviceClass, serviceName } = registration
    const names = services.map(({ name }) => name)
    operation.namesService(serviceClass, serviceName)
    operation.hasStarted({ id: riId, serviceClass, serviceName, addresses: this.addresses.of(names, secure) })
  }
}

interface Failure {
  readonly wish: Wish
  readonly number: number
  readonly candidates: readonly Deployed[]
  /** How the candidate was when it had failed. */
  readonly end: InstanceRecord | undefined
  readonly error: unknown
}
