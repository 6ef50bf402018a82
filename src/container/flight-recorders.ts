import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, injectable } from 'inversify'
import type { ErrorData } from '../service/errors.ts'
import { writeFileDurably } from '../store/durable.ts'
import { ContainerConfig } from './container-config.ts'
import { FlightRecorder } from './flight-recorder.ts'
import { Followers } from './followers.ts'
import { InstanceRegistry } from './instance-registry.ts'
import { lastLines } from './last-lines.ts'
import { NodeLog } from './node-log.ts'
import { ownProcesses } from './own-processes.ts'
import { processFigures } from './process-figures.ts'
import { ServiceOutput } from './service-output.ts'
import type { FlightRecord, FlightView } from './views.ts'

/** How much flight recorders keep. */
export interface FlightPolicy {
  /** Last calls of each instance; 0: none are recorded. */
  readonly calls: number
  /** Between two looks at what an instance uses, ms. */
  readonly interval: number
  /** Records of each GAR ID's last failures that are kept on disk. */
  readonly kept: number
}

export const defaultFlightPolicy: FlightPolicy = { calls: 64, interval: 5000, kept: 5 }

const keptLines = 50

/** The flight recorders of all running instances, and the records of their failures in `var/flight`. */
@injectable()
export class FlightRecorders {
  readonly #policy: FlightPolicy
  readonly #recorders = new Map<string, FlightRecorder>()
  readonly #freezing = new Map<string, Promise<FlightRecord | undefined>>()
  #looking: NodeJS.Timeout | undefined

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(ServiceOutput) private readonly output: ServiceOutput,
    @inject(NodeLog) private readonly log: NodeLog,
    @inject(Followers) private readonly followers: Followers,
  ) {
    this.#policy = config.flight ?? defaultFlightPolicy
  }

  /** Takes away what a node that was killed has left half written, before anything is kept. */
  async tidy(): Promise<void> {
    const folder = this.config.home.var('flight')
    try {
      for (const garId of await readdir(folder).catch(() => [])) await removeHalves(join(folder, garId))
    } catch (error) {
      this.log.warn({ err: error }, 'flight records that were half written could not be removed')
    }
  }

  of(garId: string): FlightRecorder {
    const known = this.#recorders.get(garId)
    if (known !== undefined) return known
    const made = new FlightRecorder(garId, this.#policy.calls)
    this.#recorders.set(garId, made)
    this.#looking ??= setInterval(() => this.look(), this.#policy.interval).unref()
    return made
  }

  /** Notes what each instance uses now. */
  look(): void {
    for (const { garId, incarnation } of [...this.registry.live(), ...this.registry.candidates()]) {
      for (const { pid, inside } of incarnation === undefined ? [] : ownProcesses(incarnation)) {
        const figures = processFigures(pid)
        if (figures !== undefined) this.of(garId).measured(pid, figures, inside)
      }
    }
  }

  /** Keeps what led to a failure. Nobody waits for it but who asks for the record. */
  freeze(garId: string, cause: ErrorData | undefined): void {
    const before = this.#freezing.get(garId) ?? Promise.resolve(undefined)
    const frozen = before.then(() => this.#freeze(garId, cause))
    this.#freezing.set(garId, frozen)
  }

  /** The record of the last failure since the node began, when it is on disk. */
  async lastFrozen(garId: string): Promise<FlightRecord | undefined> {
    return await this.#freezing.get(garId)
  }

  async view(garId: string): Promise<FlightView> {
    await this.#freezing.get(garId)
    const frozen = await this.#kept(garId)
    const recorder = this.#recorders.get(garId)
    if (recorder === undefined) return { frozen }
    return { now: await this.#withFronts(recorder.record(await this.#lines(garId))), frozen }
  }

  /** Nothing is looked at any more, and what is being kept is on disk. */
  async stop(): Promise<void> {
    clearInterval(this.#looking)
    await Promise.all(this.#freezing.values())
  }

  async #freeze(garId: string, cause: ErrorData | undefined): Promise<FlightRecord | undefined> {
    try {
      // What led to it is copied before anything is waited for.
      const record = this.of(garId).record([], cause)
      const whole = { ...(await this.#withFronts(record)), lastLines: await this.#lines(garId) }
      const folder = this.config.home.var('flight', garId)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // One whose writing failed, and its removal too.
      await removeHalves(folder)
      await writeFileDurably(join(folder, fileName(record)), JSON.stringify(whole), 0o600)
      for (const name of (await namesIn(folder)).slice(this.#policy.kept)) await rm(join(folder, name), { force: true })
      return whole
    } catch (error) {
      this.log.warn({ garId, err: error }, 'the flight record of a failure was not kept')
      return undefined
    }
  }

  /** Calls that came in by fronts are noted there. */
  async #withFronts(record: FlightRecord): Promise<FlightRecord> {
    const there = await this.followers.calls(record.garId)
    if (there.length === 0) return record
    const calls = [...record.calls, ...there].sort((one, other) => (one.at < other.at ? -1 : 1))
    return { ...record, calls: calls.slice(-this.#policy.calls) }
  }

  async #lines(garId: string): Promise<readonly string[]> {
    const log = this.config.home.log(`${garId}.log`)
    await this.output.flush(log)
    return await lastLines(log, keptLines)
  }

  async #kept(garId: string): Promise<FlightRecord[]> {
    const folder = this.config.home.var('flight', garId)
    const texts = await Promise.all((await namesIn(folder)).map((name) => readFile(join(folder, name), 'utf8')))
    return texts.map((text) => JSON.parse(text) as FlightRecord)
  }
}

const fileName = ({ at, id }: FlightRecord): string => `${at.replaceAll(/[-:.]/g, '')}-${id}.json`

async function removeHalves(folder: string): Promise<void> {
  const half = (await readdir(folder)).filter((name) => name.startsWith('.'))
  for (const name of half) await rm(join(folder, name), { recursive: true, force: true })
}

/** Newest first. */
const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => []))
    .filter((name) => /Z-[0-9a-f-]+\.json$/.test(name))
    .sort()
    .reverse()
