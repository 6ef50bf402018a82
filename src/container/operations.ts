import { inject, injectable } from 'inversify'
import { DhnError, errorAsData } from '../service/errors.ts'
import type { Operation } from './hosting-node.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'
import { keptOperation, RunningOperation } from './operation.ts'
import { OperationGarbage } from './operation-garbage.ts'
import type { DeploymentReport } from './views.ts'

export class NodeStopping extends DhnError {
  readonly code = 'DHN_NODE_STOPPING'
  constructor() {
    super('the node is being stopped', { next: 'start it again, then repeat the command' })
  }
}

export type Outcome = NonNullable<DeploymentReport['outcome']>

/** What is being done to this node and what was: each operation goes on whether or not someone follows it. */
@injectable()
export class Operations {
  readonly #running = new Map<string, RunningOperation>()
  /** Reports of operations that ended while the store couldn't be written: they are kept with the next one that can. */
  readonly #unkept = new Map<string, DeploymentReport>()
  readonly #stopping = new AbortController()
  readonly #garbage = new OperationGarbage()

  constructor(
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /**
   * Begins `work` and keeps its report, from its beginning to its end. What `work` throws is the cause of a failure.
   *
   * @throws {NodeStopping}
   */
  run(
    type: DeploymentReport['type'],
    garId: string,
    work: (operation: RunningOperation) => Promise<Outcome>,
  ): Operation {
    this.check()
    const operation = new RunningOperation(type, garId)
    this.#running.set(operation.id, operation)
    this.log.info({ operation: operation.id, type, garId }, 'an operation began')
    void this.#finish(operation, work)
    return operation
  }

  /** Running ones first, then those that are kept, newest first. */
  reports(): readonly DeploymentReport[] {
    const running = [...this.#running.values()].map((operation) => operation.report).reverse()
    const unkept = [...this.#unkept.values()].reverse()
    const newer = new Set([...running, ...unkept].map(({ id }) => id))
    const kept = (this.store.reports() as unknown as DeploymentReport[]).filter(({ id }) => !newer.has(id))
    return [...running, ...unkept, ...kept]
  }

  get(id: string): Operation | undefined {
    const running = this.#running.get(id)
    if (running !== undefined) return running
    const ended = this.#unkept.get(id) ?? (this.store.report(id) as unknown as DeploymentReport | undefined)
    return ended && keptOperation(ended)
  }

  /** @throws {NodeStopping} nothing may begin any more */
  check(): void {
    if (this.#stopping.signal.aborted) throw new NodeStopping()
  }

  /** Waits for `something` as long as the node goes on. @throws {NodeStopping} */
  async unlessStopping<T>(something: Promise<T>): Promise<T> {
    const { signal } = this.#stopping
    this.check()
    let stop = (): void => {}
    const stopping = new Promise<never>((_, reject) => {
      stop = () => reject(new NodeStopping())
      signal.addEventListener('abort', stop)
    })
    return await Promise.race([something, stopping]).finally(() => signal.removeEventListener('abort', stop))
  }

  /** Lets none begin any more. */
  refuse(): void {
    this.#stopping.abort()
  }

  /** Resolves when none is running. */
  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map((operation) => operation.closed))
    if (this.#unkept.size > 0) await this.#keep().catch(() => {})
  }

  /** With what couldn't be kept before. */
  async #keep(...reports: readonly DeploymentReport[]): Promise<void> {
    const unkept = [...this.#unkept.values()]
    await this.store.commit({ report: [...unkept, ...reports] })
    for (const { id } of unkept) this.#unkept.delete(id)
  }

  async #finish(operation: RunningOperation, work: (operation: RunningOperation) => Promise<Outcome>): Promise<void> {
    // Whoever has heard of an operation can ask what became of it, also when the node ends now.
    const outcome = await this.#keep(operation.report)
      .finally(operation.hasBegun)
      .then(() => work(operation))
      .catch((error: unknown): Outcome => {
        operation.fails(error)
        return 'failed'
      })
    const report = operation.closing(outcome)
    try {
      await this.#keep(report)
    } catch (error) {
      // What the operation did is done; only the memory of it would be gone after a restart.
      this.#unkept.set(report.id, report)
      this.log.error({ operation: operation.id, error: errorAsData(error) }, 'a report could not be kept')
    }
    const { id, type, garId, cause } = report
    this.log.info({ operation: id, type, garId, outcome, ...(cause && { cause }) }, 'an operation ended')
    this.#running.delete(id)
    operation.close(report)
    this.#garbage.add()
  }
}
