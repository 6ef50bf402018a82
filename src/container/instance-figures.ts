import { injectable } from 'inversify'
import { CallFigures } from './call-figures.ts'
import type { Deployed, InstanceRegistry } from './instance-registry.ts'
import { type OwnProcess, ownProcesses } from './own-processes.ts'

/** One version of a running instance in numbers. */
export interface InstanceFigures {
  readonly garId: string
  readonly version: string
  /** `Class/Name`, once it has registered. */
  readonly name?: string
  /** Undefined for a version that is served no more, whose counts are kept. */
  readonly state?: string
  readonly processes: readonly OwnProcess[]
  /** How many places it has, and how many of them serve; absent when there is but one. */
  readonly places?: { readonly all: number; readonly serving: number }
  /** Calls that it has to answer, and the bytes that the node keeps for them. */
  readonly inside: number
  readonly bytes: number
  readonly calls: CallFigures
}

/** Of each GAR, so many versions keep their counts: a node that is deployed to all day doesn't grow. */
const keptVersions = 3

/** The counts of every running instance by its version, over all its incarnations. */
@injectable()
export class FiguresBook {
  readonly #byGar = new Map<string, Map<string, CallFigures>>()

  /** The counts of this version, new ones for a version that has none. */
  of(garId: string, version: string): CallFigures {
    return this.#keep(garId, version, this.#byGar.get(garId)?.get(version) ?? new CallFigures())
  }

  /** By GAR ID, then the oldest version first; a GAR that is no longer deployed is forgotten. */
  instances(registry: InstanceRegistry): readonly InstanceFigures[] {
    // Of a version that is started beside itself, the live one comes first.
    const here = [...registry.live(), ...registry.candidates()]
    for (const { garId, manifest, incarnation } of here.toReversed()) {
      if (incarnation !== undefined) this.#keep(garId, manifest.version, incarnation.traffic.figures)
    }
    for (const garId of this.#byGar.keys()) if (!here.some((one) => one.garId === garId)) this.#byGar.delete(garId)
    return [...this.#byGar]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([garId, versions]) =>
        [...versions].map(([version, calls]) => ({
          garId,
          version,
          calls,
          ...presentOf(here.find((one) => one.garId === garId && one.manifest.version === version)),
        })),
      )
  }

  #keep(garId: string, version: string, figures: CallFigures): CallFigures {
    const versions = this.#byGar.get(garId) ?? new Map<string, CallFigures>()
    this.#byGar.set(garId, versions)
    // The one that was asked for last is the newest.
    versions.delete(version)
    versions.set(version, figures)
    for (const oldest of versions.keys()) {
      if (versions.size <= keptVersions) break
      versions.delete(oldest)
    }
    return figures
  }
}

function presentOf(
  deployed: Deployed | undefined,
): Pick<InstanceFigures, 'name' | 'state' | 'processes' | 'places' | 'inside' | 'bytes'> {
  if (deployed?.incarnation === undefined) return { processes: [], inside: 0, bytes: 0 }
  const { registration, state, parts, traffic } = deployed.incarnation
  return {
    ...(registration && { name: `${registration.serviceClass}/${registration.serviceName}` }),
    state,
    processes: ownProcesses(deployed.incarnation),
    ...(parts && { places: { all: parts.length, serving: parts.filter(({ state }) => state === 'serving').length } }),
    inside: traffic.inside + traffic.elsewhere.inside,
    bytes: traffic.bytes + traffic.elsewhere.bytes,
  }
}
