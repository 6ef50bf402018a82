import { type Answer, type BodyStream, errorAnswer, isStream } from '../../rpc/answer.ts'
import { type AnswerHead, type ContentType, contentTypes, PART, WINDOW } from '../frames.ts'
import type { Link } from './link.ts'

/** Bytes of a body from which it travels in parts: the node then keeps no more of it than its reader is behind. */
const long = 4 * PART
const empty = new Uint8Array(0)

interface Flow {
  /** Parts that may be sent before the reader asks for more. */
  credit: number
  isStopped: boolean
  resume(): void
}

/** Sends answers to the node: short ones as one frame, long ones and streams part by part, as fast as they are read. */
export class Outflow {
  readonly #flows = new Map<number, Flow>()
  #isOver = false

  constructor(
    private readonly writer: Link['writer'],
    /** A body can't be made to its end. */
    private readonly failed: (error: unknown) => void,
  ) {}

  send(id: number, answer: Answer): void {
    const { status, contentType, body } = answer
    if (isStream(body)) void this.#stream(id, answer, body)
    else if (body.length > long) void this.#stream(id, answer, [body], Buffer.byteLength(body))
    else if (answer.reason === undefined && answer.headers === undefined && isUsual(contentType)) {
      this.writer.reply(id, status, contentType, body)
    } else this.writer.answer(id, status, headOf(answer), body)
  }

  /** The reader has taken so many parts. */
  more(id: number, parts: number): void {
    const flow = this.#flows.get(id)
    if (flow === undefined) return
    flow.credit += parts
    flow.resume()
  }

  /** There is no reader any more. */
  enough(id: number): void {
    const flow = this.#flows.get(id)
    if (flow === undefined) return
    flow.isStopped = true
    flow.resume()
  }

  /** Nobody reads anything any more, of what is answered later neither. */
  end(): void {
    this.#isOver = true
    for (const id of this.#flows.keys()) this.enough(id)
  }

  async #stream(
    id: number,
    answer: Answer,
    body: BodyStream | readonly (string | Uint8Array)[],
    length?: number,
  ): Promise<void> {
    const flow: Flow = { credit: WINDOW, isStopped: this.#isOver, resume: () => undefined }
    this.#flows.set(id, flow)
    let begun = false
    const begin = (): void => {
      if (begun) return
      begun = true
      this.writer.answer(id, answer.status, { ...headOf(answer), parts: length === undefined ? {} : { length } }, empty)
    }
    try {
      for await (const piece of body) {
        // Not before there is something: a file that can't be opened is a 500.
        begin()
        if (!(await this.#sendPiece(id, flow, bytesOf(piece)))) return
      }
      begin()
      this.writer.part(id, 'last', empty)
    } catch (error) {
      this.failed(error)
      if (begun) this.writer.part(id, 'broken', empty)
      else this.send(id, errorAnswer(500, 'The service failed to answer; its log says why'))
    } finally {
      this.#flows.delete(id)
    }
  }

  /** False when nobody reads any more. */
  async #sendPiece(id: number, flow: Flow, bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += PART) {
      while (flow.credit === 0 && !flow.isStopped) {
        await new Promise<void>((resolve) => {
          flow.resume = resolve
        })
      }
      if (flow.isStopped) return false
      flow.credit -= 1
      this.writer.part(id, 'more', bytes.subarray(at, at + PART))
    }
    return !flow.isStopped
  }
}

function headOf({ contentType, reason, headers }: Answer): AnswerHead {
  return { contentType, ...(reason === undefined ? {} : { reason }), ...(headers === undefined ? {} : { headers }) }
}

const isUsual = (contentType: string): contentType is ContentType =>
  (contentTypes as readonly string[]).includes(contentType)

/** @throws {TypeError} a stream has given something that is neither */
function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece)
  if (piece instanceof Uint8Array) return piece
  throw new TypeError(`a stream gave a piece that is neither text nor bytes but ${typeof piece}`)
}
