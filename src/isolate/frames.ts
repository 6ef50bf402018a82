import { DhnError } from '../service/errors.ts'

/**
 * The frames between the host and a place, the same in both directions. Integers are little-endian.
 *
 *     u32 length of what follows, u8 kind, then by kind:
 *     control   JSON text
 *     call      u32 id, u16 endpoint, u16 length of the method's name, the name, the text of the arguments
 *     reply     u32 id, u16 status, u8 content type, the body
 *     callAs    u32 id, u16 endpoint, u16 length of the method's name, u32 length of what is told, the name, what is told of the
 *               call (`CallFacts`, JSON text), the text of the arguments
 *     answer    u32 id, u16 status, u32 length of the head, the head as JSON text, the body: a reply that says more of itself,
 *               or whose body comes in parts
 *     part      u32 id, u8 what follows (index into `partStates`), bytes of a body
 *
 * Texts are UTF-8. A frame is cut into chunks anywhere on its way: FrameParser puts it together again.
 */
export const FrameKind = { control: 0, call: 1, reply: 2, callAs: 3, answer: 4, part: 5 } as const

/** A frame's u8 for a content type is the index here. */
export const contentTypes = ['application/json', 'text/html; charset=UTF-8', 'application/octet-stream'] as const
export type ContentType = (typeof contentTypes)[number]

/** Of a part: others follow, it is the last, or the body broke off. */
export const partStates = ['more', 'last', 'broken'] as const
export type PartState = (typeof partStates)[number]
/** Bytes of a body that travel in one part: with its head it fits into one piece of a writer. */
export const PART = 60 * 1024
/** Parts that may be on their way before the reader has asked for more. */
export const WINDOW = 16

/** What an answer says of itself besides its status. */
export interface AnswerHead {
  readonly contentType: string
  readonly reason?: string
  readonly headers?: readonly (readonly [string, string])[]
  /** The body follows in parts; `length` bytes, when that is known. */
  readonly parts?: { readonly length?: number }
}

/** Largest frame without its length field, bytes: above the largest request body of a node. */
export const LARGEST_FRAME = 128 * 1024 * 1024
/** Of a control frame's text: it is read at once. The longest that is ever sent is a list of shared keys. */
export const LARGEST_CONTROL = 16 * 1024 * 1024

export const LENGTH_FIELD = 4
export const CALL_HEAD = 9
export const CALL_AS_HEAD = 13
export const REPLY_HEAD = 8
export const ANSWER_HEAD = 11
export const PART_HEAD = 6

/** Takes the frames of one direction. A body is a view of the chunk it came in. */
export interface FrameReceiver {
  control(message: unknown): void
  /** `told`: what the node tells of the call, `CallFacts` as JSON text. */
  call(id: number, endpoint: number, method: string, args: string, told?: string): void
  reply(id: number, status: number, contentType: ContentType, body: Buffer): void
  /** `head`: an `AnswerHead` if the other side keeps to it. */
  answer(id: number, status: number, head: unknown, body: Buffer): void
  part(id: number, state: PartState, bytes: Buffer): void
}

/**
 * Cuts a stream of chunks into frames and hands each to its receiver, in order.
 *
 * Whole frames of a chunk are read where they lie; of one that spans chunks only its own bytes are put together, once,
 * when the last of them is there.
 */
export class FrameParser {
  /** Parts of a frame that isn't whole yet, and how long it will be when that is known. */
  #kept: Buffer[] = []
  #keptLength = 0
  #whole = 0

  constructor(
    private readonly receiver: FrameReceiver,
    private readonly largest = LARGEST_FRAME,
    /** True when the memory of a chunk is used again after `push`: bodies of replies can't be kept then. */
    private readonly reused = false,
  ) {}

  /** @throws {FrameInvalid} the stream is no sequence of frames; nothing more can be read from it */
  push(chunk: Buffer): void {
    let at = this.#keptLength === 0 ? 0 : this.#complete(chunk)
    while (chunk.length - at >= LENGTH_FIELD) {
      const whole = this.#wholeLength(chunk, at)
      if (chunk.length - at < whole) {
        this.#whole = whole
        break
      }
      this.#deliver(chunk, at + LENGTH_FIELD, at + whole)
      at += whole
    }
    if (at < chunk.length) this.#keep(chunk, at, chunk.length)
  }

  /** Adds what the kept frame still needs and delivers it when it is whole; returns where the rest of the chunk begins. */
  #complete(chunk: Buffer): number {
    let at = 0
    if (this.#keptLength < LENGTH_FIELD) {
      at = this.#keep(chunk, 0, Math.min(LENGTH_FIELD - this.#keptLength, chunk.length))
      if (this.#keptLength < LENGTH_FIELD) return at
      this.#whole = this.#wholeLength(Buffer.concat(this.#kept), 0)
    }
    at = this.#keep(chunk, at, Math.min(at + this.#whole - this.#keptLength, chunk.length))
    if (this.#keptLength < this.#whole) return at
    const frame = Buffer.concat(this.#kept, this.#whole)
    this.#kept = []
    this.#keptLength = 0
    this.#deliver(frame, LENGTH_FIELD, frame.length)
    return at
  }

  #keep(chunk: Buffer, start: number, end: number): number {
    const part = chunk.subarray(start, end)
    this.#kept.push(this.reused ? Buffer.from(part) : part)
    this.#keptLength += end - start
    return end
  }

  #wholeLength(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32LE(at)
    if (length === 0 || length > this.largest) throw new FrameInvalid(`it carried a length of ${length} bytes`)
    return LENGTH_FIELD + length
  }

  #deliver(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]) {
      case FrameKind.call: {
        if (end - start < CALL_HEAD) throw new FrameInvalid('it carried a call without its head')
        const args = start + CALL_HEAD + bytes.readUInt16LE(start + 7)
        if (args > end) throw new FrameInvalid("it carried a call whose method's name goes beyond its end")
        this.receiver.call(
          bytes.readUInt32LE(start + 1),
          bytes.readUInt16LE(start + 5),
          bytes.toString('utf8', start + CALL_HEAD, args),
          bytes.toString('utf8', args, end),
        )
        return
      }
      case FrameKind.callAs: {
        if (end - start < CALL_AS_HEAD) throw new FrameInvalid('it carried a call without its head')
        const told = start + CALL_AS_HEAD + bytes.readUInt16LE(start + 7)
        const args = told + bytes.readUInt32LE(start + 9)
        if (args > end) throw new FrameInvalid('it carried a call of which more is told than there is')
        this.receiver.call(
          bytes.readUInt32LE(start + 1),
          bytes.readUInt16LE(start + 5),
          bytes.toString('utf8', start + CALL_AS_HEAD, told),
          bytes.toString('utf8', args, end),
          bytes.toString('utf8', told, args),
        )
        return
      }
      case FrameKind.reply: {
        const contentType = contentTypes[bytes[start + 7] as number]
        if (end - start < REPLY_HEAD || contentType === undefined)
          throw new FrameInvalid('it carried a reply without its head')
        this.receiver.reply(
          bytes.readUInt32LE(start + 1),
          bytes.readUInt16LE(start + 5),
          contentType,
          bytes.subarray(start + REPLY_HEAD, end),
        )
        return
      }
      case FrameKind.answer: {
        if (end - start < ANSWER_HEAD) throw new FrameInvalid('it carried an answer without its head')
        const body = start + ANSWER_HEAD + bytes.readUInt32LE(start + 7)
        if (body > end) throw new FrameInvalid('it carried an answer whose head goes beyond its end')
        this.receiver.answer(
          bytes.readUInt32LE(start + 1),
          bytes.readUInt16LE(start + 5),
          parseJson(bytes.toString('utf8', start + ANSWER_HEAD, body)),
          bytes.subarray(body, end),
        )
        return
      }
      case FrameKind.part: {
        const state = partStates[bytes[start + 5] as number]
        if (end - start < PART_HEAD || state === undefined) throw new FrameInvalid('it carried a part without its head')
        this.receiver.part(bytes.readUInt32LE(start + 1), state, bytes.subarray(start + PART_HEAD, end))
        return
      }
      case FrameKind.control:
        if (end - start > LARGEST_CONTROL) throw new FrameInvalid('it carried a message that is too long')
        this.receiver.control(parseJson(bytes.toString('utf8', start + 1, end)))
        return
      default:
        throw new FrameInvalid(`it carried a frame of kind ${bytes[start]}`)
    }
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FrameInvalid('it carried a text that is not JSON', cause)
  }
}

/** What came from the other side is no sequence of frames, or the other side closed its end and went on. */
export class FrameInvalid extends DhnError {
  readonly code = 'DHN_FRAME_INVALID'
  constructor(
    readonly found: string,
    cause?: unknown,
  ) {
    super(`the connection to the service's process is of no use any more: ${found}`, {
      next: 'See whether the service writes to file descriptor 3, which belongs to the node.',
      cause,
    })
  }
}
