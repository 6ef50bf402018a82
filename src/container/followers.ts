import { inject, injectable } from 'inversify'
import type { CallNote } from './call-ring.ts'
import { EndpointTable, type Target } from './endpoints.ts'
import type { FollowedCalls, OfferedTarget, TableChange } from './table-change.ts'
import type { Traffic } from './traffic.ts'

/** A process that takes calls beside the node's own: a front. It hears of changes in their order. */
export interface Follower {
  tell(change: TableChange): void
  /** Resolves when it serves as it was told until now; also when it is no follower any more. */
  followed(): Promise<void>
  /** Resolves with how many calls are still inside of an incarnation when there are none or `deadline` ms are over. */
  whenIdle(id: number, deadline: number): Promise<number>
  /** The last calls of a GAR's instance, those under way among them. */
  calls(garId: string): Promise<readonly CallNote[]>
}

interface Known {
  readonly id: number
  readonly traffic: Traffic
  offer?: Extract<TableChange, { what: 'offer' }>
  leftUnanswered: (socket: string, calls: number) => void
  readonly elsewhere: Map<Follower, FollowedCalls>
}

/**
 * What every front must know to take calls: who serves what, where, and whether calls are let in. Each change is told to
 * all of them, in order; one that comes later is told how things are.
 *
 * Only what has sockets for fronts is told to them. Everything else they hand on to the node.
 */
@injectable()
export class Followers {
  readonly #followers = new Set<Follower>()
  readonly #known = new Map<Traffic, Known>()
  readonly #live = new Map<string, Traffic>()
  #lastId = 0

  constructor(@inject(EndpointTable) endpoints: EndpointTable) {
    endpoints.onSwitch((garId, targets) => this.#switch(garId, targets))
  }

  /** Tells it how things are, and from now on every change. */
  add(follower: Follower): void {
    this.#followers.add(follower)
    for (const { id, offer, traffic } of this.#known.values()) {
      if (offer === undefined) continue
      follower.tell(offer)
      follower.tell({ what: 'gate', id, refusal: traffic.refusal })
    }
    for (const garId of this.#live.keys()) follower.tell(this.#switchOf(garId))
  }

  /** What it had to answer is lost, and nothing is waited for. */
  remove(follower: Follower): void {
    this.#followers.delete(follower)
    for (const known of this.#known.values()) if (known.elsewhere.delete(follower)) sumUp(known)
  }

  /** An incarnation has registered, or its sockets are others now. */
  offer(
    traffic: Traffic,
    targets: readonly Target[],
    sockets: readonly string[],
    leftUnanswered: (socket: string, calls: number) => void,
  ): void {
    const known = this.#knownOf(traffic)
    known.leftUnanswered = leftUnanswered
    if (sockets.length === 0 && known.offer === undefined) return
    known.offer = { what: 'offer', id: known.id, targets: targets.map(offered), sockets }
    this.#tell(known.offer)
    this.gate(traffic)
    for (const [garId, live] of this.#live) if (live === traffic) this.#tell(this.#switchOf(garId))
  }

  /** `traffic.refusal` is another now. */
  gate(traffic: Traffic): void {
    const known = this.#known.get(traffic)
    if (known?.offer !== undefined) this.#tell({ what: 'gate', id: known.id, refusal: traffic.refusal })
  }

  /** It has ended. */
  forget(traffic: Traffic): void {
    const known = this.#known.get(traffic)
    this.#known.delete(traffic)
    if (known?.offer !== undefined) this.#tell({ what: 'forget', id: known.id })
  }

  /** Resolves when every front serves as things are at this moment. */
  async followed(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.followed()))
  }

  /** As `Traffic.whenIdle`, of the calls that came in by fronts. */
  async whenIdle(traffic: Traffic, deadline: number): Promise<number> {
    const known = this.#known.get(traffic)
    if (known?.offer === undefined) return 0
    const left = await Promise.all([...this.#followers].map((follower) => follower.whenIdle(known.id, deadline)))
    return left.reduce((sum, one) => sum + one, 0)
  }

  async calls(garId: string): Promise<readonly CallNote[]> {
    return (await Promise.all([...this.#followers].map((follower) => follower.calls(garId)))).flat()
  }

  /** A front tells of its calls. */
  count(follower: Follower, calls: readonly FollowedCalls[]): void {
    if (!this.#followers.has(follower)) return
    const byId = new Map([...this.#known.values()].map((known) => [known.id, known] as const))
    for (const one of calls) {
      const known = byId.get(one.id)
      known?.traffic.figures.add(one.counts)
      known?.elsewhere.set(follower, one)
      if (known !== undefined) sumUp(known)
    }
  }

  /** A front has had no answer in time to so many calls in a row at one of the sockets. */
  leftUnanswered(socket: string, calls: number): void {
    for (const known of this.#known.values()) {
      if (known.offer?.sockets.includes(socket)) known.leftUnanswered(socket, calls)
    }
  }

  #switch(garId: string, targets: readonly Target[]): void {
    const traffic = targets[0]?.traffic
    if (traffic === undefined) this.#live.delete(garId)
    else this.#live.set(garId, traffic)
    this.#tell(this.#switchOf(garId))
  }

  #tell(change: TableChange): void {
    for (const follower of this.#followers) follower.tell(change)
  }

  #switchOf(garId: string): TableChange {
    const traffic = this.#live.get(garId)
    const known = traffic && this.#known.get(traffic)
    return { what: 'switch', garId, id: known?.offer === undefined ? undefined : known.id }
  }

  #knownOf(traffic: Traffic): Known {
    const known = this.#known.get(traffic)
    if (known !== undefined) return known
    this.#lastId += 1
    const made: Known = { id: this.#lastId, traffic, leftUnanswered: () => {}, elsewhere: new Map() }
    this.#known.set(traffic, made)
    return made
  }
}

function sumUp({ traffic, elsewhere }: Known): void {
  const all = [...elsewhere.values()]
  const places = new Map<string, number>()
  for (const one of all) {
    for (const [socket, inside] of Object.entries(one.places)) places.set(socket, (places.get(socket) ?? 0) + inside)
  }
  traffic.elsewhere = {
    inside: all.reduce((sum, { inside }) => sum + inside, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    places,
  }
}

/** Whatever a target has travels, but for what each front makes by itself. */
const offered = ({ methods, rules, traffic: _traffic, calls: _calls, ...plain }: Target): OfferedTarget => ({
  ...plain,
  methods: [...methods],
  ...(rules && { ruled: rules.target }),
})
