import { inject, injectable } from 'inversify'
import { DhnError, type ErrorData, RemoteError } from '../service/errors.ts'
import { Changeover } from './changeover.ts'
import { FlightRecorders } from './flight-recorders.ts'
import { Followers } from './followers.ts'
import type { Operation } from './hosting-node.ts'
import type { Incarnation } from './incarnation.ts'
import { instanceRecordOf } from './instance-record.ts'
import { InstanceRegistry, type Live } from './instance-registry.ts'
import { lastLines } from './last-lines.ts'
import { NodeStore } from './node-store.ts'
import type { RunningOperation } from './operation.ts'
import { Operations, type Outcome } from './operations.ts'
import { DeploymentUnknown } from './plan-errors.ts'
import { linksOf } from './stubs.ts'
import { committing, Turns } from './turns.ts'

/** There is nothing to start, enable or disable. */
export class NoInstance extends DhnError {
  readonly code = 'DHN_NO_INSTANCE'
  constructor(
    readonly garId: string,
    readonly why: ErrorData | undefined,
  ) {
    super(why?.message ?? `${garId} holds Software packages only: it has no running instance`, {
      next: why?.next ?? `see what it holds: dhn show ${garId}`,
    })
  }
}

/** What an operator asks of a running instance, by its GAR ID. */
@injectable()
export class InstanceControl {
  constructor(
    @inject(Operations) private readonly operations: Operations,
    @inject(Turns) private readonly turns: Turns,
    @inject(Changeover) private readonly changeover: Changeover,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(FlightRecorders) private readonly flights: FlightRecorders,
    @inject(Followers) private readonly followers: Followers,
  ) {}

  /**
   * Makes it ready or disabled, now and after each start of the node, and resolves when it has settled.
   *
   * @throws {TransitionIllegal} its state has no such change
   */
  async request(garId: string, to: 'ready' | 'disabled'): Promise<void> {
    this.operations.check()
    await this.turns.with([garId], async () => {
      const live = this.#live(garId)
      const { incarnation, record } = live
      incarnation.check(to)
      await this.#desire(live, to)
      try {
        incarnation.request(to)
      } catch (error) {
        // It has gone into another state while that was written.
        await this.#desire(this.#live(garId), record.desired)
        throw error
      }
      await incarnation.settled()
      await this.followers.followed()
    })
  }

  /** Starts the live version anew beside itself and switches; one that failed is started again in its place. */
  restart(garId: string): Operation {
    this.#live(garId)
    return this.operations.run('RESTART', garId, (operation) =>
      this.turns.with([garId], async (): Promise<Outcome> => {
        const live = this.#live(garId)
        if (live.incarnation.state === 'failed') await this.#again(operation, live.incarnation)
        else await this.#beside(operation, live)
        return 'done'
      }),
    )
  }

  async #desire({ garId, record, manifest }: Live, desired: 'ready' | 'disabled'): Promise<void> {
    if (record.desired === desired) return
    const changed = { ...record, desired }
    // The configuration alone says what runs of its own services: what is wanted of one ends with the node.
    if (manifest.configured === undefined) await this.store.commit({ live: changed })
    this.registry.setLive({ ...(this.registry.get(garId) as Live), record: changed })
  }

  async #again(operation: RunningOperation, incarnation: Incarnation): Promise<void> {
    await operation.step('start', async () => {
      incarnation.restart()
      if (await this.operations.unlessStopping(incarnation.settled())) return
      const error = new RemoteError(incarnation.life.cause as ErrorData)
      const flight = await this.flights.lastFrozen(incarnation.garId)
      operation.fails(error, await lastLines(incarnation.spec.place.logFile, 20), flight)
      throw error
    })
  }

  async #beside(operation: RunningOperation, live: Live): Promise<void> {
    const links = linksOf(live.manifest, this.store.stubs())
    const successor = { ...live, desired: live.record.desired, substitute: false, links }
    const candidates = await operation.step('start', () => this.changeover.start([successor], operation))
    const replaced = await this.turns.with([committing], () =>
      operation.step('switch', () => this.changeover.switch(candidates.map((candidate) => ({ ...live, candidate })))),
    )
    const instance = candidates.flatMap(({ incarnation }) => (incarnation ? [instanceRecordOf(incarnation)] : []))
    this.store.note({ instance })
    await operation.step('drain', () => this.changeover.retire(replaced))
  }

  #live(garId: string): Live & { readonly incarnation: Incarnation } {
    const live = this.registry.get(garId)
    if (live === undefined) throw new DeploymentUnknown(garId)
    if (live.incarnation === undefined) throw new NoInstance(garId, live.broken)
    return { ...live, incarnation: live.incarnation }
  }
}
