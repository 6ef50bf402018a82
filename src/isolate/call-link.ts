import { connect, type Socket } from 'node:net'
import { CallExchange } from './call-exchange.ts'
import { FrameWriter } from './frame-writer.ts'
import { FrameInvalid, FrameParser } from './frames.ts'
import type { PlaceCall, PlaceReply, Supervision } from './place.ts'

/** What is watched of the calls of a link; the place itself is watched by the node. */
export type CallSupervision = Pick<Supervision, 'interval' | 'call' | 'unansweredCalls'>

/** The connection of a front to one place. */
export class CallLink {
  inside = 0
  /** Resolves when the connection stands, or won't. */
  readonly settled: Promise<void>
  readonly #socket: Socket
  readonly #exchange: CallExchange
  #state: 'taking' | 'leaving' | 'closed' = 'taking'

  constructor(
    readonly path: string,
    private readonly supervision: CallSupervision,
    /** The place left so many calls one after the other unanswered. */
    private readonly unanswering: (calls: number) => void,
  ) {
    this.#socket = connect(path)
    this.#exchange = new CallExchange(new FrameWriter(this.#socket))
    const end = (): void => void this.#socket.destroy()
    const parser = new FrameParser({
      reply: (...of) => this.#exchange.reply(...of),
      answer: (...of) => this.#exchange.answer(...of),
      part: (...of) => this.#exchange.part(...of),
      call: end,
      control: end,
    })
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk)
      } catch (error) {
        if (!(error instanceof FrameInvalid)) throw error
        end()
      }
    })
    const rounds = setInterval(() => this.#round(), supervision.interval)
    rounds.unref()
    this.settled = new Promise((resolve) => {
      this.#socket.once('connect', () => resolve())
      this.#socket.once('close', () => {
        clearInterval(rounds)
        this.#state = 'closed'
        this.#exchange.end()
        resolve()
      })
    })
    // What is wrong with it shows in its closing.
    this.#socket.on('error', () => {})
  }

  /** Also before the connection stands: what is called then goes out when it does. */
  get takesCalls(): boolean {
    return this.#state === 'taking'
  }

  call(call: PlaceCall, done: (reply: PlaceReply) => void): void {
    this.inside += 1
    this.#exchange.call(call, (reply) => {
      if (reply.stream === undefined) this.#left()
      else reply.stream.body.once('close', () => this.#left())
      done(reply)
    })
  }

  /** Takes no call any more, and ends when those inside have been answered. */
  leave(): void {
    if (this.#state === 'closed') return
    this.#state = 'leaving'
    if (this.inside === 0) this.#socket.destroy()
  }

  #left(): void {
    this.inside -= 1
    if (this.#state === 'leaving' && this.inside === 0) this.#socket.destroy()
  }

  #round(): void {
    const { interval, call, unansweredCalls } = this.supervision
    const open = this.#exchange.round(Math.ceil(call / interval))
    if (open >= unansweredCalls) this.unanswering(open)
  }
}
