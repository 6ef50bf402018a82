import type { Mode } from '../archive/archive.ts'
import { DescriptorMissing } from '../archive/archive-errors.ts'
import type { Problem } from '../archive/problem.ts'
import { type DhnError, errorAsData } from '../service/errors.ts'
import type { StubsRecord, VersionRecord } from '../store/records.ts'
import { dependenciesOf, dependencyOrder, findCycle, instanceNameOf, type LiveDeployment } from './dependencies.ts'
import { type InstanceRules, instancesRefused } from './instance-rules.ts'
import type { Manifest } from './manifest.ts'
import {
  AddressTaken,
  ArchiveNotDeployable,
  DependencyCycle,
  DeploymentUnknown,
  ImportNameTaken,
  NoEarlierVersion,
  RequirementsUnmet,
  RiNameTaken,
  StubsMissing,
} from './plan-errors.ts'
import { checkRequirements, type NodeFacts } from './requirements.ts'
import { holdStubs, keyOf, linksOf, missingStubs, packageOf, usersOf } from './stubs.ts'
import type { Plan } from './views.ts'

/** What is deployed and held now: what every plan starts from. */
export interface Situation {
  readonly live: readonly LiveDeployment[]
  readonly held: readonly StubsRecord[]
}

export interface DeployWish extends Situation {
  readonly manifest: Manifest
  /** Everything that the readers found in the archive. */
  readonly problems: readonly Problem[]
  readonly mode: Mode
  readonly node: NodeFacts
  /** What the operator says of how many places services run in. */
  readonly instances?: InstanceRules | undefined
}

export interface RollbackWish extends Situation {
  readonly garId: string
  /** The version to go back to (`store/history.ts`) with its manifest; undefined when there is none. */
  readonly target: { readonly version: VersionRecord; readonly manifest: Manifest } | undefined
  readonly node: NodeFacts
  readonly instances?: InstanceRules | undefined
}

/**
 * Says what a deploy would change. Applying it is no more than: hold `stubsAfter`, restart `restarts` in order, switch.
 */
export function planDeploy(wish: DeployWish): Plan {
  return plan('deploy', wish)
}

/** Says what a rollback would change: it deploys an earlier version in the mode that it had. */
export function planRollback({ garId, target, node, instances, ...situation }: RollbackWish): Plan {
  const now = situation.live.find(({ record }) => record.garId === garId)
  if (now === undefined) return impossible('rollback', garId, new DeploymentUnknown(garId))
  if (target === undefined) return { ...impossible('rollback', garId, new NoEarlierVersion(garId)), ...fromOf(now) }
  const { version, manifest } = target
  return plan('rollback', { ...situation, manifest, mode: version.mode, problems: [], node, instances })
}

/** Says what an undeploy would change. Nothing else restarts by it: what others use stays. */
export function planUndeploy({ garId, ...situation }: Situation & { readonly garId: string }): Plan {
  const now = situation.live.find(({ record }) => record.garId === garId)
  if (now === undefined) return impossible('undeploy', garId, new DeploymentUnknown(garId))
  const left = situation.live.filter((other) => other !== now)
  const after: Situation = { live: left, held: stubsAfter(situation, garId) }
  return {
    ...empty('undeploy', garId),
    outcome: 'changes',
    ...fromOf(now),
    stubs: stubsChanges(situation, after, garId),
  }
}

/** What is held when `manifest` has become the live version of its GAR ID, or when that GAR ID is gone. */
export function stubsAfter({ live, held }: Situation, change: Manifest | string): StubsRecord[] {
  const garId = typeof change === 'string' ? change : change.garId
  const others = live.filter(({ record }) => record.garId !== garId).map(({ manifest }) => manifest)
  return typeof change === 'string' ? holdStubs(others, held) : holdStubs([...others, change], held, change.carries)
}

function plan(type: 'deploy' | 'rollback', wish: DeployWish): Plan {
  const { manifest, mode, live } = wish
  const now = live.find(({ record }) => record.garId === manifest.garId)
  const to = { version: manifest.version, digest: manifest.digest, mode }
  const same = now?.record.digest === manifest.digest && now.record.mode === mode
  if (same) return { ...empty(type, manifest.garId), ...fromOf(now), to, problems: wish.problems }

  const record = { garId: manifest.garId, live: 0, digest: manifest.digest, mode, desired: 'ready' } as const
  const others = live.filter((other) => other !== now)
  const after: Situation = { live: [...others, { record, manifest }], held: stubsAfter(wish, manifest) }
  const requirements = checkRequirements(manifest.requirements, wish.node)
  const errors = [...obstacles(wish, others, after)]
  const unmet = requirements.filter(({ met }) => !met)
  if (unmet.length > 0) {
    errors.push(new RequirementsUnmet(unmet.map(({ text, actual }) => `${text} (it has ${actual ?? 'none'})`)))
  }
  return {
    ...empty(type, manifest.garId),
    outcome: errors.length > 0 ? 'impossible' : 'changes',
    ...fromOf(now),
    to,
    stubs: stubsChanges(wish, after, manifest.garId),
    restarts: relinked(others, wish.held, after.held),
    waitsFor: dependenciesOf(manifest),
    requirements,
    unprotected: mode === 'open' ? protectedOperations(manifest) : [],
    errors: errors.map(errorAsData),
    problems: wish.problems,
  }
}

/** Why it can't be deployed, the archive's own faults first. */
function* obstacles(wish: DeployWish, others: readonly LiveDeployment[], after: Situation): Generator<DhnError> {
  const { manifest, mode } = wish
  const errors = wish.problems.filter(({ level }) => level === 'error')
  if (errors.length > 0) yield new ArchiveNotDeployable(errors)
  const hasService = manifest.services.secure !== undefined || manifest.services.open !== undefined
  if (hasService && manifest.services[mode] === undefined) yield new DescriptorMissing(manifest.garId, mode)
  const refused = instancesRefused(wish.instances, manifest)
  if (refused !== undefined) yield refused
  yield* namesTaken(manifest, mode, others)
  const cycle = findCycle(manifest, others)
  if (cycle !== undefined) yield new DependencyCycle(cycle)
  for (const need of missingStubs(manifest, after.live, after.held)) {
    const here = after.held.filter((stubs) => stubs.package === packageOf(need)).map(({ version }) => version)
    yield new StubsMissing(packageOf(need), need.version, here)
  }
  const links = linksOf(manifest, after.held)
  for (const name of new Set(links.map(({ importName }) => importName))) {
    const packages = links.filter(({ importName }) => importName === name)
    if (packages.length > 1) yield new ImportNameTaken(name, packages.map(keyOf))
  }
}

function* namesTaken(manifest: Manifest, mode: Mode, others: readonly LiveDeployment[]): Generator<DhnError> {
  const addresses = new Set(manifest.services[mode]?.map(({ name }) => name))
  for (const { record, manifest: other } of others) {
    for (const { name } of other.services[record.mode] ?? []) {
      if (addresses.has(name)) yield new AddressTaken(`/${name}`, record.garId)
    }
    const [mine, theirs] = [manifest.service, other.service]
    const both = instanceNameOf(manifest) !== undefined && instanceNameOf(other) !== undefined
    if (both && mine && mine.serviceClass === theirs?.serviceClass && mine.serviceName === theirs.serviceName) {
      yield new RiNameTaken(mine.serviceClass, mine.serviceName, record.garId)
    }
  }
}

/** Of the packages that change, or that this GAR used or will use, what becomes of each. */
function stubsChanges(before: Situation, after: Situation, garId: string): Plan['stubs'] {
  const old = new Map(before.held.map((stubs) => [keyOf(stubs), stubs]))
  const held = new Map(after.held.map((stubs) => [keyOf(stubs), stubs]))
  const linked = (situation: Situation) =>
    situation.live
      .filter(({ record }) => record.garId === garId)
      .flatMap(({ manifest }) => linksOf(manifest, situation.held))
  const uses = new Set([...linked(before), ...linked(after)].map(keyOf))
  return [...new Set([...old.keys(), ...held.keys()])].toSorted().flatMap((key) => {
    const [was, is] = [old.get(key), held.get(key)]
    const stubs = is ?? was
    if (stubs === undefined) return []
    const action =
      is === undefined ? 'remove' : was === undefined ? 'add' : was.digest === is.digest ? 'keep' : 'replace'
    if (action === 'keep' && !uses.has(key)) return []
    const users = usersOf(stubs, after.live, after.held).length
    return [{ package: stubs.package, version: stubs.version, action, users }] as const
  })
}

/** GAR IDs of running instances that import something else afterwards: they restart, in the order of dependencies. */
function relinked(
  others: readonly LiveDeployment[],
  before: readonly StubsRecord[],
  after: readonly StubsRecord[],
): string[] {
  const imports = (manifest: Manifest, held: readonly StubsRecord[]) => JSON.stringify(linksOf(manifest, held))
  return dependencyOrder(others)
    .filter(({ record, manifest }) => manifest.services[record.mode] !== undefined)
    .filter(({ manifest }) => imports(manifest, before) !== imports(manifest, after))
    .map(({ record }) => record.garId)
}

/** What the secure descriptor protects and an open deployment doesn't: `Samples/Echo/*`, or each allowed method. */
function protectedOperations(manifest: Manifest): string[] {
  const open = new Set(manifest.services.open?.map(({ name }) => name))
  return (manifest.services.secure ?? [])
    .filter(({ name }) => open.has(name))
    .flatMap(({ name, allowedMethods }) =>
      allowedMethods === '*' ? [`${name}/*`] : allowedMethods.map((method) => `${name}/${method}`),
    )
}

const fromOf = (now: LiveDeployment | undefined): Pick<Plan, 'from'> =>
  now === undefined
    ? {}
    : {
        from: {
          number: now.record.live,
          version: now.manifest.version,
          digest: now.record.digest,
          mode: now.record.mode,
        },
      }

const empty = (type: Plan['type'], garId: string): Plan => ({
  outcome: 'unchanged',
  type,
  garId,
  stubs: [],
  restarts: [],
  waitsFor: [],
  requirements: [],
  unprotected: [],
  errors: [],
  problems: [],
})

const impossible = (type: Plan['type'], garId: string, error: DhnError): Plan => ({
  ...empty(type, garId),
  outcome: 'impossible',
  errors: [errorAsData(error)],
})
