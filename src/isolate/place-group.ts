import { type ErrorData, errorAsData } from '../service/errors.ts'
import { unanswered } from './call-exchange.ts'
import { leastInside } from './least-inside.ts'
import type {
  CallbackName,
  MakePlace,
  Place,
  PlaceCall,
  PlaceListener,
  PlacePart,
  PlaceReply,
  PlaceSpec,
  PlaceVitals,
  Registration,
  Several,
} from './place.ts'
import { PlaceFailed, PlaceGone, PlacesDiffer, ServiceSaidFailed } from './place-errors.ts'
import { Part } from './place-part.ts'

type Told = 'ready' | 'disabled'

/**
 * Several places of one deployment, which are one place to whoever uses it: a call goes to the one with the fewest calls
 * inside, everything else to all of them.
 *
 * Until all of them have been ready once, the end of one is the end of all. From then on one that ends is started again by
 * the restart policy while the others serve; the group ends when none of them does.
 */
export class PlaceGroup implements Place {
  readonly #parts: readonly Part[]
  /** Those that take calls, in no order. */
  #serving: readonly Part[] = []
  #turn = 0
  #phase: 'new' | 'starting' | 'running' | 'ended' | 'stopping' = 'new'
  #registration: Registration | undefined
  /** Why one ended that had started before the others did. */
  #endedEarly: ErrorData | undefined
  /** What all were told last: one that comes later is told it too. */
  #told: Told | undefined
  /** All have been ready once: from now on one may be missing. */
  #whole = false
  /** Those that replace one that has ended and haven't been told so. */
  readonly #substitutes = new Set<Part>()
  /** By scope; those for no scope under `undefined`. */
  readonly #credentials = new Map<string | undefined, string>()
  /** Places that nothing is asked of any more and that haven't ended yet. */
  readonly #leaving = new Set<Promise<void>>()

  constructor(
    private readonly makePlace: MakePlace,
    private readonly spec: PlaceSpec,
    private readonly several: Several,
    private readonly listener: PlaceListener,
  ) {
    this.#parts = Array.from({ length: several.count }, () => new Part((part) => this.#make(part)))
  }

  /** Of the first one that lives. */
  get pid(): number | undefined {
    return this.parts.find(({ pid }) => pid !== undefined)?.pid
  }

  /** Of all of them together. */
  get vitals(): PlaceVitals | undefined {
    const seen = this.parts.flatMap(({ vitals }) => vitals ?? [])
    if (seen.length === 0) return undefined
    const fields = ['residentBytes', 'processes', 'cpuSeconds', 'descriptors', 'heapBytes'] as const
    const busiest = Math.max(...seen.map(({ eventLoopUtilization = 0 }) => eventLoopUtilization))
    const sums = fields.flatMap((field) => {
      const told = seen.flatMap((one) => one[field] ?? [])
      return told.length === 0 ? [] : [[field, told.reduce((sum, value) => sum + value, 0)] as const]
    })
    return { ...Object.fromEntries(sums), eventLoopUtilization: busiest }
  }

  get parts(): readonly PlacePart[] {
    return this.#parts.map(({ view }) => view)
  }

  get callSockets(): readonly string[] {
    return this.#serving.flatMap(({ place }) => place.callSockets)
  }

  async start(): Promise<Registration> {
    if (this.#phase !== 'new') throw new PlaceFailed(errorAsData(new PlaceGone()))
    this.#phase = 'starting'
    try {
      const registrations = await Promise.all(this.#parts.map(({ place }) => place.start()))
      const [first] = registrations as [Registration]
      if (this.#endedEarly !== undefined) throw new PlaceFailed(this.#endedEarly)
      if (!registrations.every((one) => isSame(one, first))) throw new PlaceFailed(errorAsData(new PlacesDiffer()))
      this.#registration = first
      this.#phase = 'running'
      for (const part of this.#parts) part.serves()
      this.#count()
      return first
    } catch (error) {
      this.#phase = 'ended'
      await Promise.all(this.#parts.map(({ place }) => place.kill()))
      throw error
    }
  }

  call(call: PlaceCall, done: (reply: PlaceReply) => void): void {
    this.#turn += 1
    const part = this.#serving[leastInside(this.#serving, this.#turn)]
    if (part === undefined) {
      queueMicrotask(() => done(unanswered))
      return
    }
    const { place } = part
    part.inside += 1
    const leave = (): void => {
      // Those of an earlier place of this part were forgotten with it.
      if (place === part.place) part.inside -= 1
    }
    place.call(call, (reply) => {
      if (reply.stream === undefined) leave()
      else reply.stream.body.once('close', leave)
      done(reply)
    })
  }

  async callback(name: CallbackName): Promise<void> {
    if (name === 'ready' || name === 'disabled') this.#told = name
    await this.#all(async (part) => {
      if (name === 'ready') await this.#tellSubstitute(part)
      await part.place.callback(name)
    })
    if (name === 'ready') this.#whole = true
  }

  async deliverCredentials(pem: string, scope?: string): Promise<void> {
    this.#credentials.set(scope, pem)
    await this.#all(({ place }) => place.deliverCredentials(pem, scope))
  }

  leftUnanswered(callSocket: string, calls: number): void {
    for (const { place } of this.#parts) place.leftUnanswered(callSocket, calls)
  }

  async stop(): Promise<void> {
    this.#rest()
    await Promise.all([...this.#parts.map(({ place }) => place.stop()), ...this.#leaving])
  }

  async kill(): Promise<void> {
    this.#rest()
    await Promise.all([...this.#parts.map(({ place }) => place.kill()), ...this.#leaving])
  }

  #rest(): void {
    this.#phase = 'stopping'
    for (const part of this.#parts) part.rests()
  }

  /** Of one that ends meanwhile while others go on, the failure is its own. */
  async #all(work: (part: Part) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#serving.map(async (part) => {
        const { place } = part
        try {
          await work(part)
        } catch (error) {
          const isLost = part.state !== 'serving' || place !== part.place
          if (this.#phase !== 'running' || !isLost) throw error
        }
      }),
    )
  }

  /** What a place says that its part has left behind is nobody's business. */
  #make(part: Part): Place {
    const place: Place = this.makePlace(this.spec, {
      stateRequested: async (state, reason) => {
        if (place !== part.place) return
        if (state !== 'failed' || !this.#canLose(part)) return this.listener.stateRequested(state, reason)
        this.#lose(part, errorAsData(new ServiceSaidFailed(reason)))
        this.#leave(place)
      },
      addressAsked: (service) => this.listener.addressAsked(service),
      joinShared: () => this.listener.joinShared(),
      configuration: () => this.listener.configuration?.(),
      ended: (cause) => {
        if (this.#phase === 'starting') this.#endedEarly ??= cause
        if (place !== part.place || this.#phase !== 'running' || part.state !== 'serving') return
        if (this.#canLose(part)) this.#lose(part, cause)
        else this.#end(cause)
      },
    })
    return place
  }

  #canLose(part: Part): boolean {
    return this.#phase === 'running' && this.#whole && this.#serving.some((other) => other !== part)
  }

  #lose(part: Part, cause: ErrorData): void {
    part.fails(cause, this.several.restart, () => void this.#again(part))
    this.#count()
    this.listener.partsChanged?.(cause)
  }

  #end(cause: ErrorData): void {
    this.#phase = 'ended'
    for (const part of this.#parts) {
      part.rests()
      void part.place.kill()
    }
    this.#count()
    this.listener.ended(cause)
  }

  /** Brings a fresh place to where the others are. */
  async #again(part: Part): Promise<void> {
    const { place } = part
    this.listener.partsChanged?.()
    try {
      const registration = await place.start()
      if (!isSame(registration, this.#registration)) throw new PlacesDiffer()
      for (const [scope, pem] of this.#credentials) await place.deliverCredentials(pem, scope)
      this.#substitutes.add(part)
      await this.#catchUp(part)
      if (this.#phase !== 'running') return
      part.serves()
      this.#count()
      this.listener.partsChanged?.()
    } catch (error) {
      await place.kill()
      if (this.#phase === 'running') this.#lose(part, errorAsData(error))
    }
  }

  /** Tells it what the others were told, which may change meanwhile; a fresh one is like one that is disabled. */
  async #catchUp(part: Part): Promise<void> {
    for (let told: Told = 'disabled'; told !== this.#told && this.#told !== undefined; ) {
      told = this.#told
      if (told === 'ready') await this.#tellSubstitute(part)
      await part.place.callback(told)
    }
  }

  /** As a failed instance is let go: it is told, then stopped. */
  #leave(place: Place): void {
    const left = place
      .callback('failed')
      .catch(() => {})
      .then(() => place.stop())
    this.#leaving.add(left)
    void left.finally(() => this.#leaving.delete(left))
  }

  async #tellSubstitute(part: Part): Promise<void> {
    if (this.#substitutes.delete(part)) await part.place.callback('redeployed')
  }

  #count(): void {
    this.#serving = this.#parts.filter(({ state }) => state === 'serving')
  }
}

/** The same class and name, with the same methods under the same rules. */
function isSame(one: Registration, other: Registration | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
