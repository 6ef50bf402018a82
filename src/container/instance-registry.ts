import { injectable } from 'inversify'
import type { Mode } from '../archive/archive.ts'
import type { ServiceReference } from '../archive/service-profile.ts'
import type { Registration } from '../isolate/place.ts'
import type { ErrorData } from '../service/errors.ts'
import type { DeploymentRecord, VersionRecord } from '../store/records.ts'
import type { Others } from './gates.ts'
import type { Incarnation } from './incarnation.ts'
import type { Manifest } from './manifest.ts'
import { RiNameTaken } from './plan-errors.ts'
import { chooseVersion } from './versions.ts'

/** One version of one GAR with the incarnation of its service, if it has a service. */
export interface Deployed {
  readonly garId: string
  readonly number: number
  readonly digest: string
  readonly mode: Mode
  readonly manifest: Manifest
  readonly incarnation: Incarnation | undefined
  /** Why there is no incarnation although there should be one. */
  readonly broken?: ErrorData
}

/** A live version with what the store says of it. */
export interface Live extends Deployed {
  readonly record: DeploymentRecord
  readonly version: VersionRecord
}

/**
 * Every incarnation there is: the live ones, and those that are on their way to be.
 */
@injectable()
export class InstanceRegistry implements Others {
  readonly #live = new Map<string, Live>()
  readonly #candidates = new Set<Deployed>()
  readonly #listeners = new Set<() => void>()

  /** By GAR ID, sorted. */
  live(): readonly Live[] {
    return [...this.#live.values()].sort((one, other) => (one.garId < other.garId ? -1 : 1))
  }

  get(garId: string): Live | undefined {
    return this.#live.get(garId)
  }

  setLive(deployed: Live): void {
    this.#live.set(deployed.garId, deployed)
    this.changed()
  }

  remove(garId: string): void {
    this.#live.delete(garId)
    this.changed()
  }

  /** Versions that have been started and aren't live, and may never be. */
  candidates(): readonly Deployed[] {
    return [...this.#candidates]
  }

  addCandidate(candidate: Deployed): void {
    this.#candidates.add(candidate)
  }

  removeCandidate(candidate: Deployed): void {
    this.#candidates.delete(candidate)
  }

  /** @throws {RiNameTaken} another GAR's instance has this pair; the same GAR's is the same running instance */
  checkName(garId: string, { serviceClass, serviceName }: Registration): void {
    const owner = [...this.#live.values(), ...this.#candidates].find(
      (other) =>
        other.garId !== garId &&
        other.incarnation?.registration?.serviceClass === serviceClass &&
        other.incarnation.registration.serviceName === serviceName,
    )
    if (owner !== undefined) throw new RiNameTaken(serviceClass, serviceName, owner.garId)
  }

  missing(services: readonly ServiceReference[]): readonly string[] {
    return services
      .filter((service) => !this.live().some((one) => one.incarnation?.serving && provides(one, service)))
      .map(({ serviceClass, serviceName }) => `${serviceClass}/${serviceName}`)
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** An instance has changed its state, or what is live has changed. */
  changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Its class and name are those it registered; its version is its profile's. */
function provides({ incarnation, manifest }: Deployed, wanted: ServiceReference): boolean {
  const { serviceClass, serviceName } = incarnation?.registration ?? {}
  if (serviceClass !== wanted.serviceClass || serviceName !== wanted.serviceName) return false
  return wanted.version === undefined || chooseVersion(wanted.version, [manifest]) !== undefined
}
