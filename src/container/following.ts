import type { CallSupervision } from '../isolate/call-link.ts'
import { RemotePlaces } from '../isolate/remote-places.ts'
import type { Authorization } from './authorization.ts'
import { CallFigures } from './call-figures.ts'
import { type CallNote, CallRing } from './call-ring.ts'
import type { EndpointTable, Target } from './endpoints.ts'
import { ServiceRules } from './service-rules.ts'
import type { FollowedCalls, OfferedTarget, TableChange } from './table-change.ts'
import { SharedBytes, Traffic, type TrafficLimits } from './traffic.ts'

export interface FollowingOptions {
  /** This front's share of what each instance may have to do at a time, and of all together. */
  readonly traffic: TrafficLimits & { readonly nodeBytes: number }
  /** How many last calls of each instance are kept. */
  readonly keptCalls: number
  readonly supervision: CallSupervision
  /** A place left so many calls in a row unanswered. */
  leftUnanswered(socket: string, calls: number): void
}

interface Followed {
  readonly traffic: Traffic
  readonly places: RemotePlaces
  targets: readonly Target[]
}

/** The table of endpoints of a front: it follows the node's, change by change. */
export class Following {
  readonly #followed = new Map<number, Followed>()
  readonly #live = new Map<string, number>()
  readonly #calls = new Map<string, CallRing>()
  readonly #sharedBytes: SharedBytes

  constructor(
    private readonly endpoints: EndpointTable,
    private readonly authorization: Authorization,
    private readonly options: FollowingOptions,
  ) {
    this.#sharedBytes = new SharedBytes(options.traffic.nodeBytes)
  }

  apply(change: TableChange): void {
    switch (change.what) {
      case 'offer': {
        const followed = this.#followedBy(change.id)
        followed.places.use(change.sockets)
        followed.targets = change.targets.map((target) => this.#targetOf(target, followed.traffic))
        for (const [garId, id] of this.#live) if (id === change.id) this.endpoints.switch(garId, followed.targets)
        return
      }
      case 'gate':
        this.#followedBy(change.id).traffic.refusal = change.refusal
        return
      case 'switch':
        if (change.id === undefined) this.#live.delete(change.garId)
        else this.#live.set(change.garId, change.id)
        this.endpoints.switch(change.garId, change.id === undefined ? [] : this.#followedBy(change.id).targets)
        return
      case 'forget':
        this.#followed.get(change.id)?.places.use([])
        this.#followed.delete(change.id)
        for (const garId of this.#calls.keys()) {
          const isKnown = [...this.#followed.values()].some(({ targets }) => targets[0]?.garId === garId)
          if (!isKnown) this.#calls.delete(garId)
        }
    }
  }

  /** Resolves when the places it knows can be called, or can't. */
  async followed(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ places }) => places.connected()))
  }

  async whenIdle(id: number, deadline: number): Promise<number> {
    return (await this.#followed.get(id)?.traffic.whenIdle(deadline)) ?? 0
  }

  calls(garId: string): readonly CallNote[] {
    return this.#calls.get(garId)?.list() ?? []
  }

  /** Counts since this was asked last. */
  figures(): readonly FollowedCalls[] {
    return [...this.#followed].map(([id, { traffic, places }]) => ({
      id,
      counts: traffic.figures.take(),
      inside: traffic.inside,
      bytes: traffic.bytes,
      places: places.inside(),
    }))
  }

  #followedBy(id: number): Followed {
    const known = this.#followed.get(id)
    if (known !== undefined) return known
    const traffic = new Traffic(this.options.traffic, new CallFigures(), this.#sharedBytes)
    const places = new RemotePlaces(this.options.supervision, (socket, calls) =>
      this.options.leftUnanswered(socket, calls),
    )
    traffic.place = places
    const made: Followed = { traffic, places, targets: [] }
    this.#followed.set(id, made)
    return made
  }

  #targetOf({ methods, ruled, ...target }: OfferedTarget, traffic: Traffic): Target {
    return {
      ...target,
      methods: new Set(methods),
      traffic,
      calls: this.#ringOf(target.garId),
      ...(ruled && { rules: new ServiceRules(withoutPrototype(ruled), this.authorization) }),
    }
  }

  #ringOf(garId: string): CallRing | undefined {
    const { keptCalls } = this.options
    const known = this.#calls.get(garId)
    if (known !== undefined || keptCalls === 0) return known
    const made = new CallRing(keptCalls)
    this.#calls.set(garId, made)
    return made
  }
}

/** On the way here the list of methods was given one: looking up `constructor` must find nothing. */
function withoutPrototype(ruled: ServiceRules['target']): ServiceRules['target'] {
  return { ...ruled, methods: Object.assign(Object.create(null), ruled.methods) }
}
