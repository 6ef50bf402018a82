import { sErrorBody } from '../rpc/s-error-body.ts'
import { type DhnError, type ErrorData, errorAsData, RemoteError } from '../service/errors.ts'
import type { FromInstance, ToInstance } from './control.ts'
import { sendCall } from './frame-writer.ts'
import { type ContentType, FrameInvalid } from './frames.ts'
import { InstanceProcess, LAST_WORDS } from './instance-process.ts'
import type {
  CallbackName,
  MakePlace,
  Place,
  PlaceCall,
  PlaceListener,
  PlaceReply,
  PlaceSpec,
  Registration,
} from './place.ts'
import { PlaceFailed, PlaceGone, PlaceTimeout } from './place-errors.ts'
import { errorFrom, registrationFrom, stateFrom } from './told.ts'

/** Places that are child processes of the node; `runtimeFile` is the compiled entry of the instance side. */
export function makeProcessPlace(runtimeFile: string): MakePlace {
  return (spec, listener) => new ProcessPlace(runtimeFile, spec, listener)
}

const unanswered: PlaceReply = {
  status: 500,
  contentType: 'application/json',
  body: Buffer.from(sErrorBody('The running instance ended before it answered')),
}
const tooLarge: PlaceReply = {
  status: 413,
  contentType: 'application/json',
  body: Buffer.from(sErrorBody('The arguments are too large')),
}

interface Asked {
  resolve(): void
  reject(error: DhnError): void
}

class ProcessPlace implements Place {
  #phase: 'new' | 'starting' | 'running' | 'stopping' | 'gone' = 'new'
  #process: InstanceProcess | undefined
  #started: Promise<Registration> | undefined
  #settleStart: { resolve(registration: Registration): void; reject(error: PlaceFailed): void } | undefined
  /** The first thing that is known of why it ends; the process's end itself tells less. */
  #cause: ErrorData | undefined
  #over: Promise<void> = Promise.resolve()
  readonly #calls = new Map<number, (reply: PlaceReply) => void>()
  readonly #asked = new Map<number, Asked>()
  #lastId = 0

  constructor(
    private readonly runtimeFile: string,
    private readonly spec: PlaceSpec,
    private readonly listener: PlaceListener,
  ) {}

  get pid(): number | undefined {
    return this.#process?.pid
  }

  start(): Promise<Registration> {
    this.#started ??= this.#start()
    return this.#started
  }

  async #start(): Promise<Registration> {
    if (this.#phase !== 'new') throw new PlaceFailed(errorAsData(new PlaceGone()))
    try {
      this.#process = new InstanceProcess(this.runtimeFile, this.spec, {
        control: (message) => this.#control(message as FromInstance | undefined),
        reply: (id, status, contentType, body) => this.#reply(id, status, contentType, body),
        call: () => {
          throw new FrameInvalid('it carried a call')
        },
      })
    } catch (error) {
      this.#phase = 'gone'
      throw new PlaceFailed(errorAsData(error))
    }
    this.#phase = 'starting'
    this.#over = this.#process.ended.then((cause) => this.#ended(cause))
    const limit = setTimeout(() => this.#end(new PlaceTimeout('start', this.spec.limits.start)), this.spec.limits.start)
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
    if (this.#phase !== 'running' || this.#process === undefined) {
      queueMicrotask(() => done(unanswered))
      return
    }
    const id = this.#nextId()
    if (sendCall(this.#process.writer, id, call)) this.#calls.set(id, done)
    else queueMicrotask(() => done(tooLarge))
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
      const limit = setTimeout(() => this.#process?.kill(), this.spec.limits.stop)
      void this.#over.then(() => clearTimeout(limit))
    }
    if (this.#phase === 'new') this.#phase = 'gone'
    await this.#over
  }

  async kill(): Promise<void> {
    if (this.#phase === 'starting') this.#end(new PlaceGone())
    if (this.#phase === 'running') this.#phase = 'stopping'
    if (this.#phase === 'new') this.#phase = 'gone'
    this.#process?.kill()
    await this.#over
  }

  #reply(id: number, status: number, contentType: ContentType, body: Buffer): void {
    const done = this.#calls.get(id)
    if (done === undefined) return
    this.#calls.delete(id)
    done(status >= 200 && status <= 599 ? { status, contentType, body } : unanswered)
  }

  #control(told: FromInstance | undefined): void {
    switch (told?.what) {
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
        setTimeout(() => this.#process?.kill(), LAST_WORDS).unref()
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
      default:
        throw new FrameInvalid('it carried a message that is unknown here')
    }
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
    const id = this.#nextId()
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

  /** Ends a place that starts, for the cause given. */
  #end(error: DhnError): void {
    this.#cause ??= errorAsData(error)
    this.#process?.kill()
  }

  #ended(ofProcess: ErrorData): void {
    const phase = this.#phase
    this.#phase = 'gone'
    const cause = this.#cause ?? ofProcess
    this.#cause = cause
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const done of calls) done(unanswered)
    for (const { reject } of this.#asked.values()) reject(new RemoteError(cause))
    if (phase === 'starting') this.#settleStart?.reject(new PlaceFailed(cause))
    if (phase === 'running') this.listener.ended(cause)
  }

  #send(message: ToInstance): void {
    this.#process?.writer.control(message)
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0
    while (this.#calls.has(this.#lastId))
    return this.#lastId
  }
}
