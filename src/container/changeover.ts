import { stat } from 'node:fs/promises'
import { inject, injectable } from 'inversify'
import { DhnError, type ErrorData, RemoteError } from '../service/errors.ts'
import type { DeploymentRecord, InstanceRecord, VersionRecord } from '../store/records.ts'
import { ContainerConfig } from './container-config.ts'
import { EndpointTable } from './endpoints.ts'
import { FlightRecorders } from './flight-recorders.ts'
import { Followers } from './followers.ts'
import type { Incarnation } from './incarnation.ts'
import { type Beginning, IncarnationMaker } from './incarnation-maker.ts'
import { instanceRecordOf } from './instance-record.ts'
import { type Deployed, InstanceRegistry } from './instance-registry.ts'
import { lastLines } from './last-lines.ts'
import type { RunningOperation } from './operation.ts'
import { NodeStopping, Operations } from './operations.ts'
import { ServiceOutput } from './service-output.ts'

/** A version that is to take over, which may be the one that is live already. */
export interface Successor extends Omit<Beginning, 'policy'> {
  readonly number: number
}

/** A candidate that came up, and what the store says of it from now on. */
export interface Taking {
  readonly candidate: Deployed
  readonly record: DeploymentRecord
  readonly version: VersionRecord
}

/** Stubs that are replaced don't suit one of those that use them. */
export class StubsUserFailed extends DhnError {
  readonly code = 'DHN_STUBS_USER_FAILED'
  constructor(
    readonly garId: string,
    readonly why: ErrorData,
  ) {
    super(`${garId} uses stubs that would be replaced and does not come up with the new ones: ${why.message}`, {
      next: `give the changed stubs a version of their own, or deploy a version of ${garId} that suits them first`,
    })
  }
}

const shownLines = 20

function waiting(garId: string, { life: { waitsFor } }: Incarnation): string | undefined {
  return waitsFor.length === 0 ? undefined : `${garId} waits for ${waitsFor.join(', ')}`
}

/**
 * How a version takes over from another, whatever the reason: an upgrade, a rollback, a restart, other stubs.
 *
 * It starts beside what serves, and only when it has come up do calls move to it. What served before isn't touched until
 * then, so a successor that doesn't come up changes nothing.
 */
@injectable()
export class Changeover {
  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(IncarnationMaker) private readonly maker: IncarnationMaker,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(EndpointTable) private readonly endpoints: EndpointTable,
    @inject(Operations) private readonly operations: Operations,
    @inject(ServiceOutput) private readonly output: ServiceOutput,
    @inject(FlightRecorders) private readonly flights: FlightRecorders,
    @inject(Followers) private readonly followers: Followers,
  ) {}

  /**
   * Starts `successors` one after the other, and resolves when all have come up.
   *
   * @param failed is told how the one that failed was then
   * @throws the cause of the first one that failed, when all of them are gone again
   */
  async start(
    successors: readonly Successor[],
    operation: RunningOperation,
    failed: (end: InstanceRecord) => void = () => {},
  ): Promise<readonly Deployed[]> {
    const candidates: Deployed[] = []
    try {
      for (const [index, successor] of successors.entries()) {
        this.operations.check()
        const candidate = this.#begin(successor)
        candidates.push(candidate)
        await this.#comeUp(candidate, operation, index > 0, failed)
      }
      return candidates
    } catch (error) {
      await this.abandon(candidates)
      throw error
    }
  }

  /** All of them serve from this tick on. Returns what served before and is to be retired. */
  switch(takings: readonly Taking[]): readonly Incarnation[] {
    const replaced = takings.map(({ candidate }) => this.registry.get(candidate.garId)?.incarnation)
    for (const { candidate, record, version } of takings) {
      this.registry.removeCandidate(candidate)
      this.registry.setLive({ ...candidate, record, version })
      this.endpoints.switch(candidate.garId, candidate.incarnation?.targets ?? [])
      candidate.incarnation?.goLive(this.config.restart)
    }
    return replaced.filter((one) => one !== undefined)
  }

  /** When every front has followed the switch, lets calls in flight end and stops them. */
  async retire(replaced: readonly Incarnation[]): Promise<void> {
    await this.followers.followed()
    await Promise.all(replaced.map((incarnation) => incarnation.stop()))
  }

  /** Throws candidates away, as if they had never been. */
  async abandon(candidates: readonly Deployed[]): Promise<void> {
    for (const candidate of candidates) {
      this.registry.removeCandidate(candidate)
      if (this.registry.get(candidate.garId) === undefined) this.endpoints.switch(candidate.garId, [])
    }
    await Promise.all(candidates.map(({ incarnation }) => incarnation?.stop()))
    this.registry.changed()
  }

  #begin(successor: Successor): Deployed {
    const { manifest, mode, number } = successor
    const { garId, digest } = manifest
    const incarnation = this.maker.make({ ...successor, policy: 'never' })
    const candidate: Deployed = { garId, number, digest, mode, manifest, incarnation }
    this.registry.addCandidate(candidate)
    // Where nothing is yet, callers are told that something comes.
    if (this.registry.get(garId) === undefined) this.endpoints.switch(garId, incarnation?.targets ?? [])
    return candidate
  }

  async #comeUp(
    { garId, incarnation }: Deployed,
    operation: RunningOperation,
    isUser: boolean,
    failed: (end: InstanceRecord) => void,
  ): Promise<void> {
    if (incarnation === undefined) return
    const { logFile } = incarnation.spec.place
    const from = await stat(logFile).then(
      ({ size }) => size,
      () => 0,
    )
    const tellWaiting = this.registry.onChange(() => operation.remark(waiting(garId, incarnation)))
    incarnation.start()
    if (await incarnation.settled().finally(tellWaiting)) return
    if (incarnation.wasStopped) throw new NodeStopping()
    await this.output.flush(logFile)
    const cause = incarnation.life.cause as ErrorData
    failed(instanceRecordOf(incarnation))
    const error = isUser ? new StubsUserFailed(garId, cause) : new RemoteError(cause)
    operation.fails(error, await lastLines(logFile, shownLines, from), await this.flights.lastFrozen(garId))
    throw error
  }
}
