import { createActor, fromPromise, waitFor } from 'xstate'
import type { ServiceReference } from '../archive/service-profile.ts'
import type {
  MakePlace,
  Place,
  PlacePart,
  PlaceSpec,
  Registration,
  RequestedState,
  SharedSeat,
} from '../isolate/place.ts'
import { ServiceSaidFailed } from '../isolate/place-errors.ts'
import type { LifecycleInput } from '../lifecycle/lifecycle-vocabulary.ts'
import { checkRequest, type LifecycleState, requestState, stateOf } from '../lifecycle/request-state.ts'
import type { RestartPolicy } from '../lifecycle/restart-policy.ts'
import { type LifecycleSnapshot, type RunningInstance, runningInstance } from '../lifecycle/running-instance.machine.ts'
import { type ErrorData, errorAsData } from '../service/errors.ts'
import type { ConfigurationTree } from '../service/runtime.ts'
import type { CallFigures } from './call-figures.ts'
import { CredentialDelivery } from './credential-delivery.ts'
import type { CredentialFiles } from './credentials.ts'
import type { Target } from './endpoints.ts'
import type { FlightRecorder } from './flight-recorder.ts'
import type { Followers } from './followers.ts'
import { dependencies, type Others, passGates, persistedState } from './gates.ts'
import type { NodeLog } from './node-log.ts'
import { refusalIn } from './refusal-in.ts'
import type { ServiceRules } from './service-rules.ts'
import type { StubsLink } from './stubs.ts'
import { type SharedBytes, Traffic, type TrafficLimits } from './traffic.ts'

export interface IncarnationSpec {
  readonly digest: string
  /** Services that must be ready before this one. */
  readonly dependencies: readonly ServiceReference[]
  /** The stubs it imports, which stay the same for as long as it lives. */
  readonly links: readonly StubsLink[]
  readonly place: PlaceSpec
  readonly life: LifecycleInput
  readonly traffic: TrafficLimits
  readonly figures: CallFigures
  /** Of all incarnations of the node. */
  readonly sharedBytes: SharedBytes
}

/** What an incarnation needs of the node around it. */
export interface Surroundings {
  readonly makePlace: MakePlace
  readonly credentials: CredentialFiles
  readonly others: Others
  readonly flight: FlightRecorder
  readonly followers: Pick<Followers, 'offer' | 'gate' | 'whenIdle' | 'forget'>
  readonly log: NodeLog
  /** Makes what its place needs on disk, before each start of one, and resolves with the pipe that it prints into. */
  prepare(incarnation: Incarnation): Promise<string | undefined>
  /** @throws {AddressUnknown} */
  addressOf(serviceName: string): string
  /** One of its places asks for what it shares with the others, of other versions too. */
  joinShared(): SharedSeat
  /** What its services may see of the configuration now. */
  configuration(): ConfigurationTree
  /** The service has registered. @throws when its class and name belong to another */
  registered(incarnation: Incarnation, registration: Registration): void
  /** Who may call a service that has registered; undefined when it is open to everybody. */
  rulesOf(target: Target, registration: Registration): ServiceRules | undefined
  /** Something about it has changed: it went into another state, or `lost` one of its places for that cause. */
  changed(incarnation: Incarnation, what: { readonly state: boolean; readonly lost?: ErrorData | undefined }): void
}

/**
 * One version of a running instance, from its start to its end: a machine that says what happens next, and the place
 * where the service's code runs, which a restart after a failure replaces by a fresh one.
 *
 * It begins as a candidate: nobody can call it. `goLive` makes it the one that serves.
 */
export class Incarnation {
  readonly garId: string
  readonly traffic: Traffic
  /** What it serves, in the order of its WSDD. */
  readonly targets: readonly Target[]
  readonly #actor: RunningInstance
  #place: Place | undefined
  #preparing: Promise<string | undefined> | undefined
  #delivery: CredentialDelivery | undefined
  #registration: Registration | undefined
  #named: Registration | undefined
  #phase: 'new' | 'started' | 'never' = 'new'
  #live = false
  #serving = false
  #reason: string | undefined
  #seen: LifecycleSnapshot | undefined

  constructor(
    readonly spec: IncarnationSpec,
    private readonly around: Surroundings,
  ) {
    this.garId = spec.place.garId
    this.traffic = new Traffic(spec.traffic, spec.figures, spec.sharedBytes)
    this.targets = spec.place.services.map((service, index) => ({
      garId: this.garId,
      service: service.name,
      index,
      secure: spec.place.secure,
      methods: new Set(),
      traffic: this.traffic,
      calls: around.flight.calls,
    }))
    this.#actor = createActor(this.#machine(), { input: spec.life })
    this.#actor.subscribe((snapshot) => this.#moved(snapshot))
  }

  get state(): LifecycleState {
    return stateOf(this.#actor.getSnapshot())
  }

  /** Everything the machine knows: since when, why, what it waits for, when it is started again. */
  get life(): LifecycleSnapshot['context'] {
    return this.#actor.getSnapshot().context
  }

  get serving(): boolean {
    return this.#actor.getSnapshot().hasTag('serving')
  }

  get hasSettled(): boolean {
    return this.#actor.getSnapshot().hasTag('settled')
  }

  /** It has ended because it was told to, or was told to before it began. */
  get wasStopped(): boolean {
    return this.#phase === 'never' || this.state === 'down'
  }

  get registration(): Registration | undefined {
    return this.#registration
  }

  /** What it registered as the last time: it goes by that name also while it is started again. */
  get named(): Registration | undefined {
    return this.#named
  }

  get pid(): number | undefined {
    return this.#place?.pid
  }

  /** The places it runs in, when they are several; the calls of fronts are counted in. */
  get parts(): readonly PlacePart[] | undefined {
    const { places } = this.traffic.elsewhere
    return this.#place?.parts?.map((part) => ({
      ...part,
      inside: part.inside + (places.get(part.callSocket ?? '') ?? 0),
    }))
  }

  /** What the service said when it asked for the state it is in. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Does nothing once it was stopped. */
  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'started'
    this.#actor.start()
  }

  /** Resolves when its service has registered, or has failed to. */
  async launched(): Promise<void> {
    if (this.wasStopped) return
    await waitFor(this.#actor, (snapshot) => stateOf(snapshot) !== 'deployed')
  }

  /** Resolves when nothing more happens by itself but a restart by policy; says whether it is as it was wanted. */
  async settled(): Promise<boolean> {
    if (this.#phase === 'never') return false
    const snapshot = await waitFor(this.#actor, (each) => each.hasTag('settled'))
    return stateOf(snapshot) === 'ready' || stateOf(snapshot) === 'disabled'
  }

  /** From now on calls are let in while it is ready, and a failure is followed by a restart. */
  goLive(policy: RestartPolicy | 'never'): void {
    this.#live = true
    this.#actor.send({ type: 'adopt', policy })
    this.#setGate()
  }

  /** @throws {TransitionIllegal} an operator can't ask for this now */
  check(to: 'ready' | 'disabled'): void {
    checkRequest(this.#actor, { to, by: 'operator' })
  }

  /** Asks for a state as an operator does. @throws {TransitionIllegal} */
  request(to: 'ready' | 'disabled'): void {
    requestState(this.#actor, { to, by: 'operator' })
    this.#reason = undefined
  }

  /** Starts a failed one again at once, its failures forgotten. */
  restart(): void {
    this.#actor.send({ type: 'restart' })
  }

  /** Lets calls in flight end, then the service, and resolves when its place is gone. Safe twice. */
  async stop(): Promise<void> {
    if (this.#phase === 'new') this.#phase = 'never'
    if (this.#phase === 'never') return
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'stop' })
    await waitFor(this.#actor, (snapshot) => snapshot.status !== 'active')
  }

  #machine(): typeof runningInstance {
    const { limits } = this.spec.life
    const tell = (name: 'ready' | 'failed' | 'disabled' | 'redeployed') =>
      fromPromise<void, undefined>(async () => this.#place?.callback(name))
    const release = fromPromise<void, undefined>(() => this.#release())
    return runningInstance.provide({
      actors: {
        launch: fromPromise<void, undefined>(({ signal }) => this.#launch(signal)),
        gates: fromPromise<void, undefined>(({ signal }) => this.#passGates(signal)),
        redeployed: tell('redeployed'),
        ready: tell('ready'),
        disabled: tell('disabled'),
        failed: tell('failed'),
        drain: fromPromise<void, undefined>(async () => {
          // A little less than the machine's own limit, so that the calls that are cut are counted.
          const deadline = Math.max(0, limits.drain - 20)
          const here = this.traffic.whenIdle(deadline)
          const cut = (await this.around.followers.whenIdle(this.traffic, deadline)) + (await here)
          if (cut > 0)
            this.around.log.warn({ garId: this.garId, cut }, 'calls were still in flight when the drain ended')
        }),
        release,
        stop: release,
      },
      actions: {
        open: () => this.#letIn(true),
        close: () => this.#letIn(false),
      },
    })
  }

  async #launch(signal: AbortSignal): Promise<void> {
    this.#registration = undefined
    this.#reason = undefined
    this.#preparing = this.around.prepare(this)
    const output = await this.#preparing
    if (signal.aborted) return
    const place: Place = this.around.makePlace(
      { ...this.spec.place, ...(output && { output }) },
      {
        stateRequested: async (state, reason) => {
          if (place === this.#place) this.#requestedByService(state, reason)
        },
        addressAsked: async (serviceName) => this.around.addressOf(serviceName),
        joinShared: this.around.joinShared,
        configuration: this.around.configuration,
        ended: (cause) => {
          if (place === this.#place) this.#actor.send({ type: 'ended', cause })
        },
        partsChanged: (lost) => {
          if (place !== this.#place) return
          if (lost !== undefined) this.#tellLoss(lost)
          this.#tellFollowers()
          this.around.changed(this, { state: false, lost })
        },
      },
    )
    this.#place = place
    const registration = await place.start()
    if (signal.aborted) return
    this.around.registered(this, registration)
    this.#registration = registration
    this.#named = registration
    this.#offer(registration)
  }

  /** What can be called: the methods the classes have, as far as the WSDD allows them. */
  #offer(registration: Registration): void {
    for (const target of this.targets) {
      const allowed = this.spec.place.services[target.index]?.allowedMethods ?? '*'
      const endpoint = registration.endpoints[target.index]
      const { methods = {}, asksOrigin = false, takesVisitors = false, takesTokens = false } = endpoint ?? {}
      const offered = Object.keys(methods)
      target.methods = new Set(allowed === '*' ? offered : offered.filter((method) => allowed.includes(method)))
      target.asksOrigin = asksOrigin
      target.takesVisitors = takesVisitors
      target.takesTokens = takesTokens
      const rules = this.around.rulesOf(target, registration)
      if (rules !== undefined) target.rules = rules
    }
    this.traffic.place = this.#place
    this.#tellFollowers()
  }

  #tellFollowers(): void {
    const place = this.#place
    if (place === undefined) return
    this.around.followers.offer(this.traffic, this.targets, place.callSockets, (socket, calls) =>
      place.leftUnanswered(socket, calls),
    )
  }

  async #passGates(signal: AbortSignal): Promise<void> {
    const place = this.#place as Place
    const kind = this.#registration?.credentials ?? 'none'
    const delivery = new CredentialDelivery(this.garId, kind, place, this.around.credentials, (error) => {
      const event = { type: 'fail', cause: errorAsData(error) } as const
      if (this.#actor.getSnapshot().can(event)) this.#actor.send(event)
    })
    this.#delivery = delivery
    await passGates(
      [
        persistedState(this.spec.place.persistentDirectory),
        (missing) => delivery.begin(this.spec.place.secure, (why) => missing([why])),
        dependencies(this.spec.dependencies, this.around.others),
      ],
      (waitsFor) => this.#actor.send({ type: 'waits', waitsFor }),
      signal,
    )
  }

  async #release(): Promise<void> {
    this.#delivery?.close()
    // What it still makes on the disk must not come after whoever takes its folder away.
    await this.#preparing?.catch(() => {})
    const place = this.#place
    await place?.stop()
    if (place === this.#place) this.#place = undefined
  }

  #requestedByService(to: RequestedState, reason: string | undefined): void {
    if (to === 'failed') requestState(this.#actor, { to, cause: errorAsData(new ServiceSaidFailed(reason)) })
    else requestState(this.#actor, { to, by: 'service' })
    this.#reason = reason
  }

  #moved(snapshot: LifecycleSnapshot): void {
    const before = this.#seen && stateOf(this.#seen)
    const state = stateOf(snapshot)
    this.#seen = snapshot
    this.#setGate()
    if (before !== state) this.#tell(before, state, snapshot.context.cause)
    if (before !== state) this.#count(before, state)
    if (state === 'down') this.around.followers.forget(this.traffic)
    this.around.changed(this, { state: before !== state })
  }

  #count(from: LifecycleState | undefined, to: LifecycleState): void {
    if (to === 'failed') this.traffic.figures.failures += 1
    if (from === 'failed' && to === 'deployed') this.traffic.figures.restarts += 1
  }

  #tell(from: LifecycleState | undefined, to: LifecycleState, cause: ErrorData | undefined): void {
    this.around.flight.changed({ ...(from && { from }), to, digest: this.spec.digest, ...(cause && { cause }) })
    const facts = { garId: this.garId, digest: this.spec.digest, from, to, ...(cause && { cause }) }
    if (to === 'failed') this.around.log.warn(facts, 'a running instance failed')
    else this.around.log.info(facts, 'a running instance changed its state')
  }

  #tellLoss(cause: ErrorData): void {
    this.traffic.figures.losses += 1
    const facts = { garId: this.garId, digest: this.spec.digest, cause }
    this.around.log.warn(facts, 'a running instance has lost one of its places')
  }

  /** Runs within a transition of the machine, whose snapshot is still the one before it. */
  #letIn(serving: boolean): void {
    this.#serving = serving
    this.#setGate()
  }

  #setGate(): void {
    this.traffic.refusal = this.#live && this.#serving ? undefined : refusalIn(this.#actor.getSnapshot())
    this.around.followers.gate(this.traffic)
  }
}
