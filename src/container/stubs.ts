import type { PackageDependency } from '../archive/service-profile.ts'
import type { StubsRecord } from '../store/records.ts'
import type { LiveDeployment } from './dependencies.ts'
import type { Manifest } from './manifest.ts'
import { chooseVersion, newest } from './versions.ts'
import type { StubsUser, StubsView } from './views.ts'

// Shared packages (mostly stubs) and who uses them. A deployment uses what its archive carries and what its profile's
// packages depend on. Users are derived from what is deployed, never counted up and down.

/** A package that a deployment imports: what its `node_modules/<import name>` points to. */
export type StubsLink = StubsRecord

/**
 * What the node holds after a change: what was held and what was brought, as far as one of `manifests` uses it.
 *
 * What is brought replaces the same version of the package.
 */
export function holdStubs(
  manifests: readonly Manifest[],
  held: readonly StubsRecord[],
  brought: readonly StubsRecord[] = [],
): StubsRecord[] {
  const offered = new Map([...held, ...brought].map((stubs) => [keyOf(stubs), recordOf(stubs)]))
  const all = [...offered.values()]
  const used = new Set(manifests.flatMap((manifest) => usesOf(manifest, all).map(({ stubs }) => keyOf(stubs))))
  return all.filter((stubs) => used.has(keyOf(stubs))).toSorted(byKey)
}

/** What is held, each with its users, sorted by package and version. */
export function stubsInUse(live: readonly LiveDeployment[], held: readonly StubsRecord[]): StubsView[] {
  return held.toSorted(byKey).map((stubs) => ({
    package: stubs.package,
    version: stubs.version,
    digest: stubs.digest,
    users: usersOf(stubs, live, held),
  }))
}

/** Who uses a held package, by GAR ID, and why. */
export function usersOf(
  stubs: Pick<StubsRecord, 'package' | 'version'>,
  live: readonly Pick<LiveDeployment, 'manifest'>[],
  held: readonly StubsRecord[],
): StubsUser[] {
  return live
    .map(({ manifest }) => ({
      garId: manifest.garId,
      because: usesOf(manifest, held)
        .filter((use) => keyOf(use.stubs) === keyOf(stubs))
        .map(({ because }) => because)
        .toSorted(),
    }))
    .filter(({ because }) => because.length > 0)
    .map(({ garId, because }) => ({ garId, because: [...new Set(because)] }))
    .toSorted((a, b) => (a.garId < b.garId ? -1 : 1))
}

/** What a deployment imports, by import name. */
export function linksOf(manifest: Manifest, held: readonly StubsRecord[]): StubsLink[] {
  const links = new Map(usesOf(manifest, held).map(({ stubs }) => [keyOf(stubs), stubs]))
  return [...links.values()].toSorted((a, b) =>
    a.importName === b.importName ? byKey(a, b) : a.importName < b.importName ? -1 : 1,
  )
}

/** The dependencies that nothing held is good for and that aren't optional. */
export function missingStubs(
  manifest: Manifest,
  live: readonly Pick<LiveDeployment, 'manifest'>[],
  held: readonly StubsRecord[],
): PackageDependency[] {
  return manifest.needs.filter(
    (need) => !need.optional && resolve(need, manifest, held) === undefined && !isMainPackage(need, live),
  )
}

export const packageOf = ({ service, packageName }: PackageDependency): string =>
  `${service.serviceClass}/${service.serviceName}/${packageName}`

export const keyOf = ({ package: name, version }: Pick<StubsRecord, 'package' | 'version'>): string =>
  `${name} ${version}`

interface Use {
  readonly stubs: StubsRecord
  readonly because: 'carries' | 'depends'
}

function usesOf(manifest: Manifest, held: readonly StubsRecord[]): Use[] {
  const carried = manifest.carries.map((own) => held.find((stubs) => keyOf(stubs) === keyOf(own)))
  const needed = manifest.needs.map((need) => resolve(need, manifest, held))
  const use = (because: Use['because']) => (stubs: StubsRecord | undefined) => (stubs ? [{ stubs, because }] : [])
  return [...carried.flatMap(use('carries')), ...needed.flatMap(use('depends'))]
}

/**
 * What is held for a dependency.
 *
 * A package that the archive itself carries is the one it means, whatever version it names: the schema fills in 1.0
 * where a profile names none.
 */
function resolve(need: PackageDependency, manifest: Manifest, held: readonly StubsRecord[]): StubsRecord | undefined {
  const offers = held.filter((stubs) => stubs.package === packageOf(need))
  const own = offers.filter((stubs) => manifest.carries.some((carried) => keyOf(carried) === keyOf(stubs)))
  return own.length === 0 ? chooseVersion(need.version, offers) : (chooseVersion(need.version, own) ?? newest(own))
}

/** A profile may name the Main package of another service: it is there when that service is deployed. */
function isMainPackage(need: PackageDependency, live: readonly Pick<LiveDeployment, 'manifest'>[]): boolean {
  const mains = live.flatMap(({ manifest: { service } }) =>
    service?.mainPackage !== undefined &&
    `${service.serviceClass}/${service.serviceName}/${service.mainPackage.name}` === packageOf(need)
      ? [service.mainPackage]
      : [],
  )
  return chooseVersion(need.version, mains) !== undefined
}

const recordOf = ({ package: name, version, digest, importName }: StubsRecord): StubsRecord => ({
  package: name,
  version,
  digest,
  importName,
})

const byKey = (a: StubsRecord, b: StubsRecord): number => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0)
