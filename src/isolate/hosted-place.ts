import { DhnError, type ErrorData, errorAsData, RemoteError } from '../service/errors.ts'
import type { ConfigurationTree } from '../service/runtime.ts'
import { mostLeases, openRequests } from '../service/shared-limits.ts'
import type { SharedRequest } from '../service/shared-request.ts'
import { CallExchange, unanswered } from './call-exchange.ts'
import type { Carrier, MakeCarrier } from './carrier.ts'
import type { FromInstance, ToInstance } from './control.ts'
import { FrameInvalid } from './frames.ts'
import type {
  CallbackName,
  Place,
  PlaceCall,
  PlaceListener,
  PlaceReply,
  PlaceSpec,
  PlaceVitals,
  Registration,
  SharedSeat,
} from './place.ts'
import { PlaceFailed, PlaceGone, PlaceHung, PlaceTimeout, PlaceUnanswering } from './place-errors.ts'
import { sharedRequestFrom } from './shared-request-from.ts'
import { errorFrom, registrationFrom, stateFrom, vitalsFrom } from './told.ts'

/** How long an ended carrier's last frames are waited for, and a living one after it said its last words; milliseconds. */
export const LAST_WORDS = 500

/** Requests for what is shared that may be open: those of the SDK, and the renewals and releases of all leases. */
const openShared = openRequests + 2 * mostLeases

interface Asked {
  resolve(): void
  reject(error: DhnError): void
}

/** A place on the node's side: the protocol with the service and the supervision of it, whatever carries them. */
export class HostedPlace implements Place {
  #phase: 'new' | 'starting' | 'running' | 'stopping' | 'gone' = 'new'
  #carrier: Carrier | undefined
  #exchange: CallExchange | undefined
  #started: Promise<Registration> | undefined
  #settleStart: { resolve(registration: Registration): void; reject(error: PlaceFailed): void } | undefined
  /** The first thing that is known of why it ends; the carrier's end itself tells less. */
  #cause: ErrorData | undefined
  #over: Promise<void> = Promise.resolve()
  /** What the services were told of the configuration. */
  #configuration: ConfigurationTree | undefined
  readonly #asked = new Map<number, Asked>()
  #lastAsked = 0
  /** Something has come from it since the last round. */
  #heard = false
  #silentRounds = 0
  #said: PlaceVitals = {}
  #vitals: PlaceVitals | undefined
  /** From the first request for what is shared. */
  #seat: SharedSeat | undefined
  #openShared = 0

  constructor(
    private readonly embark: MakeCarrier,
    private readonly spec: PlaceSpec,
    private readonly listener: PlaceListener,
  ) {}

  get pid(): number | undefined {
    return this.#carrier?.pid
  }

  get vitals(): PlaceVitals | undefined {
    return this.#vitals
  }

  get callSockets(): readonly string[] {
    const path = this.#carrier?.callSocket
    return path === undefined ? [] : [path]
  }

  start(): Promise<Registration> {
    this.#started ??= this.#start()
    return this.#started
  }

  async #start(): Promise<Registration> {
    if (this.#phase !== 'new') throw new PlaceFailed(errorAsData(new PlaceGone()))
    try {
      this.#carrier = this.embark(this.spec, {
        control: (message) => this.#control(message as FromInstance | undefined),
        reply: (id, status, contentType, body) => this.#exchange?.reply(id, status, contentType, body),
        answer: (id, status, head, body) => this.#exchange?.answer(id, status, head, body),
        part: (id, state, bytes) => this.#exchange?.part(id, state, bytes),
        call: () => {
          throw new FrameInvalid('it carried a call')
        },
      })
    } catch (error) {
      this.#phase = 'gone'
      throw new PlaceFailed(errorAsData(error))
    }
    this.#exchange = new CallExchange(this.#carrier.writer, () => {
      this.#heard = true
    })
    this.#phase = 'starting'
    const rounds = setInterval(() => this.#round(), this.spec.supervision.interval)
    this.#over = this.#carrier.ended.then((cause) => {
      clearInterval(rounds)
      this.#ended(cause)
    })
    const limit = setTimeout(() => this.#end(new PlaceTimeout('start', this.spec.limits.start)), this.spec.limits.start)
    this.#tellConfiguration()
    this.#send({ what: 'start', spec: this.spec })
    try {
      return await new Promise((resolve, reject) => {
        this.#settleStart = { resolve, reject }
      })
    } finally {
      clearTimeout(limit)
    }
  }

  call(call: PlaceCall, done: (reply: PlaceReply) => void): void {
    if (this.#phase === 'running') this.#exchange?.call(call, done)
    else queueMicrotask(() => done(unanswered))
  }

  callback(name: CallbackName): Promise<void> {
    const { limits } = this.spec
    const limit = name === 'ready' ? limits.ready : limits.callback
    return this.#ask((id) => ({ what: 'callback', id, name }), `${name}()`, limit)
  }

  deliverCredentials(pem: string, scope?: string): Promise<void> {
    const message = (id: number): ToInstance =>
      scope === undefined ? { what: 'credentials', id, pem } : { what: 'credentials', id, pem, scope }
    return this.#ask(message, 'credentials listener', this.spec.limits.callback)
  }

  async stop(): Promise<void> {
    if (this.#phase === 'starting') this.#end(new PlaceGone())
    if (this.#phase === 'running') {
      this.#phase = 'stopping'
      this.#send({ what: 'stop' })
      const limit = setTimeout(() => this.#carrier?.kill(), this.spec.limits.stop)
      void this.#over.then(() => clearTimeout(limit))
    }
    if (this.#phase === 'new') this.#phase = 'gone'
    await this.#over
  }

  async kill(): Promise<void> {
    if (this.#phase === 'starting') this.#end(new PlaceGone())
    if (this.#phase === 'running') this.#phase = 'stopping'
    if (this.#phase === 'new') this.#phase = 'gone'
    this.#carrier?.kill()
    await this.#over
  }

  leftUnanswered(callSocket: string, calls: number): void {
    if (this.#phase !== 'running' || callSocket !== this.#carrier?.callSocket) return
    this.#end(new PlaceUnanswering(calls, this.spec.supervision.call))
  }

  #control(told: FromInstance | undefined): void {
    this.#heard = true
    switch (told?.what) {
      case 'alive':
        this.#said = vitalsFrom(told)
        return
      case 'registered': {
        const registration = registrationFrom(told.registration, this.spec)
        if (this.#phase !== 'starting') return
        this.#phase = 'running'
        this.#settleStart?.resolve(registration)
        return
      }
      case 'failed':
        if (this.#phase === 'starting') this.#end(new RemoteError(errorFrom(told.error)))
        return
      case 'crashed':
        this.#cause ??= errorFrom(told.error)
        setTimeout(() => this.#carrier?.kill(), LAST_WORDS).unref()
        return
      case 'done': {
        const asked = this.#asked.get(told.id)
        if (told.error === undefined) asked?.resolve()
        else asked?.reject(new RemoteError(errorFrom(told.error)))
        return
      }
      case 'state': {
        const state = stateFrom(told.state)
        const reason = told.reason === undefined ? undefined : String(told.reason)
        void this.#answer(told.id, () => this.listener.stateRequested(state, reason))
        return
      }
      case 'address':
        void this.#answer(told.id, () => this.listener.addressAsked(String(told.service)))
        return
      case 'shared':
        void this.#share(told.id, sharedRequestFrom(told.request))
        return
      default:
        throw new FrameInvalid('it carried a message that is unknown here')
    }
  }

  /** @throws {FrameInvalid} it asks for more at a time than the SDK does */
  #share(id: number, request: SharedRequest): Promise<void> {
    if (this.#openShared === openShared) throw new FrameInvalid('it carried too many requests for what is shared')
    this.#openShared += 1
    this.#seat ??= this.listener.joinShared()
    const { ask } = this.#seat
    return this.#answer(id, () => ask(request)).finally(() => {
      this.#openShared -= 1
    })
  }

  async #answer(id: number, ask: () => Promise<unknown>): Promise<void> {
    try {
      const value = await ask()
      this.#send(typeof value === 'string' ? { what: 'answer', id, value } : { what: 'answer', id })
    } catch (error) {
      this.#send({ what: 'answer', id, error: errorAsData(error) })
    }
  }

  async #ask(message: (id: number) => ToInstance, step: string, milliseconds: number): Promise<void> {
    if (this.#phase !== 'running') throw this.#cause === undefined ? new PlaceGone() : new RemoteError(this.#cause)
    this.#lastAsked += 1
    const id = this.#lastAsked
    this.#send(message(id))
    let limit: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        this.#asked.set(id, { resolve, reject })
        limit = setTimeout(() => reject(new PlaceTimeout(step, milliseconds)), milliseconds)
      })
    } finally {
      clearTimeout(limit)
      this.#asked.delete(id)
    }
  }

  /** One look from outside. Silence is counted in rounds, so that time in which this process itself slept is no silence. */
  #round(): void {
    const { interval, silence, call, unansweredCalls } = this.spec.supervision
    try {
      this.#vitals = { ...this.#carrier?.look(), ...this.#said }
    } catch (error) {
      if (!(error instanceof DhnError)) throw error
      this.#end(error)
      return
    }
    if (this.#phase !== 'running') return
    this.#silentRounds = this.#heard ? 0 : this.#silentRounds + 1
    this.#heard = false
    if (this.#silentRounds * interval > silence) this.#end(new PlaceHung(silence))
    const open = this.#exchange?.round(Math.ceil(call / interval)) ?? 0
    if (open >= unansweredCalls) this.#end(new PlaceUnanswering(open, call))
    this.#tellConfiguration()
    this.#send({ what: 'beat' })
  }

  #tellConfiguration(): void {
    const configuration = this.listener.configuration?.()
    if (configuration === undefined || configuration === this.#configuration) return
    this.#configuration = configuration
    this.#send({ what: 'configuration', configuration })
  }

  /** Ends it by force, for the cause given. */
  #end(error: DhnError): void {
    this.#cause ??= errorAsData(error)
    this.#carrier?.kill()
  }

  #ended(ofProcess: ErrorData): void {
    const phase = this.#phase
    this.#phase = 'gone'
    const cause = this.#cause ?? ofProcess
    this.#cause = cause
    this.#exchange?.end()
    this.#seat?.leave()
    for (const { reject } of this.#asked.values()) reject(new RemoteError(cause))
    if (phase === 'starting') this.#settleStart?.reject(new PlaceFailed(cause))
    if (phase === 'running') this.listener.ended(cause)
  }

  #send(message: ToInstance): void {
    this.#carrier?.writer.control(message)
  }
}
