import { inject, injectable } from 'inversify'
import type { Isolation, PlacePart } from '../isolate/place.ts'
import type { InstanceRecord } from '../store/records.ts'
import { StoreUnreadable } from '../store/store-errors.ts'
import { Addresses } from './addresses.ts'
import { ContainerConfig } from './container-config.ts'
import type { Incarnation } from './incarnation.ts'
import { InstanceIds } from './instance-ids.ts'
import { type Deployed, InstanceRegistry, type Live } from './instance-registry.ts'
import { NodeStore } from './node-store.ts'
import { SharedStates } from './shared-states.ts'
import type { InstanceView } from './views.ts'

/** What is shown of running instances: those that live, those that come, and the ends of those that were. */
@injectable()
export class InstanceViews {
  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(InstanceIds) private readonly ids: InstanceIds,
    @inject(Addresses) private readonly addresses: Addresses,
    @inject(SharedStates) private readonly shared: SharedStates,
  ) {}

  /** By GAR ID; `all`: with those that are no longer deployed. */
  list(all: boolean): readonly InstanceView[] {
    const here = this.#here().map((one) => this.of(one) as InstanceView)
    const known = new Set(here.map(({ garId }) => garId))
    const ended = all ? this.store.instances().filter(({ garId }) => !known.has(garId)) : []
    return [...here, ...ended.map((record) => this.#ended(record))].sort((one, other) =>
      one.garId < other.garId ? -1 : 1,
    )
  }

  /** Undefined for what has no service. */
  of(deployed: Deployed | Live): InstanceView | undefined {
    const { garId, incarnation, broken } = deployed
    const record = 'record' in deployed ? deployed.record : undefined
    if (incarnation === undefined && broken === undefined) return undefined
    const since = incarnation === undefined ? (this.#seen(garId)?.since ?? '') : isoOf(incarnation.life.since)
    const cause = incarnation === undefined ? broken : incarnation.life.cause
    const why = incarnation === undefined ? broken?.message : whyOf(incarnation, record?.desired)
    return {
      id: incarnation?.spec.place.riId ?? this.ids.of(garId),
      garId,
      ...nameOf(incarnation?.named ?? this.#seen(garId)),
      version: deployed.manifest.version,
      number: deployed.number,
      digest: deployed.digest,
      mode: deployed.mode,
      state: incarnation?.state ?? 'failed',
      since,
      ...(why === undefined ? {} : { why }),
      ...(cause === undefined ? {} : { cause }),
      desired: record?.desired ?? 'ready',
      waitsFor: incarnation?.life.waitsFor ?? [],
      ...unruled(incarnation),
      addresses: this.#addressesOf(incarnation),
      ...(incarnation?.pid === undefined ? {} : { pid: incarnation.pid, isolation: incarnation.spec.place.isolation }),
      ...placesOf(incarnation),
      restarts: restartsOf(incarnation),
      deployed: record !== undefined,
      log: this.config.home.log(`${garId}.log`),
    }
  }

  /** With what its places share. Not in lists, which readiness and metrics are told by: the store is read for it. */
  withShared(view: InstanceView): InstanceView {
    const shared = this.shared.use(view.garId)
    return shared.keys + shared.leases === 0 ? view : { ...view, shared }
  }

  #here(): readonly Deployed[] {
    const live = this.registry.live()
    const coming = this.registry.candidates().filter(({ garId }) => this.registry.get(garId) === undefined)
    return [...live, ...coming].filter((one) => one.incarnation !== undefined || one.broken !== undefined)
  }

  #ended(record: InstanceRecord): InstanceView {
    const { garId, id, state, since, cause } = record
    const [last] = this.store.history(garId)
    return {
      id,
      garId,
      ...nameOf(record),
      version: last?.version ?? '',
      number: last?.number ?? 0,
      digest: last?.digest ?? '',
      mode: last?.mode ?? 'secure',
      state,
      since,
      why: cause === undefined ? 'it was undeployed' : cause.message,
      ...(cause === undefined ? {} : { cause }),
      desired: 'ready',
      waitsFor: [],
      addresses: [],
      restarts: { count: 0, gaveUp: false },
      deployed: false,
      log: this.config.home.log(`${garId}.log`),
    }
  }

  /** As last seen. What lives is shown without it while the store can't be read. */
  #seen(garId: string): InstanceRecord | undefined {
    try {
      return this.store.instance(garId)
    } catch (error) {
      if (error instanceof StoreUnreadable) return undefined
      throw error
    }
  }

  #addressesOf(incarnation: Incarnation | undefined): readonly string[] {
    if (incarnation === undefined) return []
    const { services, secure } = incarnation.spec.place
    return this.addresses.of(
      services.map(({ name }) => name),
      secure,
    )
  }
}

function unruled(incarnation: Incarnation | undefined): Pick<InstanceView, 'withoutRule'> {
  const methods = (incarnation?.targets ?? [])
    .filter(({ secure }) => secure)
    .flatMap(({ service, methods: offered, rules }) =>
      (rules?.current.methodsWithoutRule ?? []).flatMap((name) => (offered.has(name) ? `${service}.${name}` : [])),
    )
  return methods.length === 0 ? {} : { withoutRule: methods }
}

function nameOf(named: { readonly serviceClass?: string; readonly serviceName?: string } | undefined) {
  return named?.serviceClass === undefined || named.serviceName === undefined
    ? {}
    : { serviceClass: named.serviceClass, serviceName: named.serviceName }
}

/** Why it is in its state, in a sentence; undefined where the state says it all. */
function whyOf(
  { state, life, reason, parts, spec }: Incarnation,
  desired: 'ready' | 'disabled' | undefined,
): string | undefined {
  switch (state) {
    case 'ready':
      return missing(parts, spec.place.isolation)
    case 'registered':
      return life.waitsFor.length === 0 ? undefined : `it waits for ${life.waitsFor.join(', ')}`
    case 'disabled':
      if (life.cause !== undefined) return life.cause.message
      return desired === 'disabled'
        ? 'an operator disabled it'
        : `its service disabled it${reason ? `: ${reason}` : ''}`
    case 'failed':
      return `${life.cause?.message ?? 'it failed'}${life.gaveUp === undefined ? '' : `; not started again: ${life.gaveUp}`}`
    default:
      return undefined
  }
}

/** What a running instance that serves lacks. */
function missing(parts: readonly PlacePart[] | undefined, isolation: Isolation): string | undefined {
  const lost = parts?.filter(({ state }) => state !== 'serving') ?? []
  if (parts === undefined || lost.length === 0) return undefined
  const causes = new Set(lost.flatMap(({ cause }) => cause?.message ?? []))
  const [kind, verb] = [isolation === 'thread' ? 'threads' : 'processes', lost.length === 1 ? 'does' : 'do']
  return `${lost.length} of its ${parts.length} ${kind} ${verb} not serve: ${[...causes].join('; ')}`
}

function placesOf(incarnation: Incarnation | undefined): Pick<InstanceView, 'places'> {
  const parts = incarnation?.parts
  if (parts === undefined) return {}
  const places = parts.map(({ state, since, pid, inside, vitals, restarts, nextAt, cause }) => ({
    state,
    since: isoOf(since),
    ...(pid === undefined ? {} : { pid }),
    inside,
    ...(vitals?.residentBytes === undefined ? {} : { rssBytes: vitals.residentBytes }),
    restarts: { count: restarts, ...(nextAt === undefined ? {} : { nextAt: isoOf(nextAt) }) },
    ...(cause === undefined ? {} : { cause }),
  }))
  return { places }
}

function restartsOf(incarnation: Incarnation | undefined): InstanceView['restarts'] {
  if (incarnation === undefined) return { count: 0, gaveUp: false }
  const { attempts, nextAttemptAt, gaveUp } = incarnation.life
  return {
    count: attempts,
    ...(nextAttemptAt === undefined ? {} : { nextAt: isoOf(nextAttemptAt) }),
    gaveUp: gaveUp !== undefined,
  }
}

const isoOf = (time: number): string => new Date(time).toISOString()
