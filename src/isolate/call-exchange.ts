import { sErrorBody } from '../rpc/s-error-body.ts'
import { AnswerBody } from './answer-body.ts'
import type { FrameSink } from './carrier.ts'
import type { ToInstance } from './control.ts'
import type { AnswerHead, FrameReceiver, PartState } from './frames.ts'
import { OpenCalls } from './open-calls.ts'
import type { PlaceCall, PlaceReply } from './place.ts'
import { headFrom } from './told.ts'

const failed = (status: number, message: string): PlaceReply => ({
  status,
  contentType: 'application/json',
  body: Buffer.from(sErrorBody(message)),
})
export const unanswered = failed(500, 'The running instance ended before it answered')
const tooLate = failed(504, 'The service did not answer in time')
const tooLarge = failed(413, 'The arguments are too large')

/** The calls that go to a service over one connection, and their answers. */
export class CallExchange implements Pick<FrameReceiver, 'reply' | 'answer' | 'part'> {
  readonly #calls = new OpenCalls()
  /** Bodies that are being read, by the numbers of their calls. */
  readonly #bodies = new Map<number, AnswerBody>()
  /** Calls one after the other without an answer in time. */
  #unanswered = 0

  constructor(
    private readonly writer: FrameSink,
    /** Something of an answer has come. */
    private readonly heard: () => void = () => {},
  ) {}

  /** `done` is called once. */
  call({ endpoint, method, args, told }: PlaceCall, done: (reply: PlaceReply) => void): void {
    const id = this.#calls.next()
    if (this.writer.call(id, endpoint, method, args, told)) this.#calls.add(id, done)
    else queueMicrotask(() => done(tooLarge))
  }

  reply(id: number, status: number, contentType: string, body: Buffer): void {
    this.#reply(id, { status, contentType, body })
  }

  answer(id: number, status: number, told: unknown, body: Buffer): void {
    const { parts, ...head }: AnswerHead = headFrom(told)
    if (parts === undefined) {
      this.#reply(id, { status, ...head, body })
      return
    }
    const stream = new AnswerBody({
      more: (count) => this.#send({ what: 'more', id, parts: count }),
      enough: () => this.#send({ what: 'enough', id }),
    })
    this.#bodies.set(id, stream)
    stream.once('close', () => this.#bodies.delete(id))
    if (!this.#reply(id, { status, ...head, body, stream: { body: stream, length: parts.length } })) stream.destroy()
  }

  /** Of a body that nobody reads any more parts may still be on their way. */
  part(id: number, state: PartState, bytes: Buffer): void {
    this.heard()
    const body = this.#bodies.get(id)
    if (state === 'broken') body?.break()
    else if (state === 'last') body?.end()
    else body?.receive(bytes)
  }

  /**
   * A round is over: calls that have been open for so many rounds are answered for the service. Returns how many calls one
   * after the other have had no answer in time, when there were some now.
   */
  round(rounds: number): number {
    const overdue = this.#calls.takeOverdue(rounds)
    this.#unanswered += overdue.length
    for (const done of overdue) done(tooLate)
    return overdue.length === 0 ? 0 : this.#unanswered
  }

  /** The service is gone, or can't be reached any more. */
  end(): void {
    for (const done of this.#calls.takeAll()) done(unanswered)
    for (const body of this.#bodies.values()) body.break()
  }

  #reply(id: number, reply: PlaceReply): boolean {
    this.heard()
    this.#unanswered = 0
    const done = this.#calls.take(id)
    const isStatus = reply.status >= 200 && reply.status <= 599
    done?.(isStatus ? reply : unanswered)
    return done !== undefined && isStatus
  }

  #send(message: ToInstance): void {
    this.writer.control(message)
  }
}
