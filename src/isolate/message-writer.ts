import {
  type AnswerHead,
  type ContentType,
  contentTypes,
  FrameInvalid,
  FrameKind,
  type FrameReceiver,
  LARGEST_CONTROL,
  LARGEST_FRAME,
  type PartState,
  parseJson,
  partStates,
} from './frames.ts'

/** The end of a MessagePort that messages go into. */
interface Port {
  postMessage(message: unknown): void
}

/**
 * Gathers frames and posts all of one turn of the event loop as one message (`setImmediate`): a list in which each frame
 * is its kind and then its parts, as they are in frames.ts. A post costs more than what is in it.
 */
export class MessageWriter {
  #parts: unknown[] = []

  constructor(
    private readonly port: Port,
    private readonly largest = LARGEST_FRAME,
  ) {}

  /** False, and nothing is sent, when the frame would be too large. */
  call(id: number, endpoint: number, method: string, args: string, told?: string): boolean {
    const length = method.length + args.length + (told?.length ?? 0)
    if (method.length > 0xffff || length > this.largest) return false
    if (told === undefined) this.#add(FrameKind.call, id, endpoint, method, args)
    else this.#add(FrameKind.callAs, id, endpoint, method, args, told)
    return true
  }

  /** False, and nothing is sent, when the frame would be too large. A body of bytes is copied. */
  reply(id: number, status: number, contentType: ContentType, body: string | Uint8Array): boolean {
    if (body.length > this.largest) return false
    this.#add(FrameKind.reply, id, status, contentTypes.indexOf(contentType), ownCopy(body))
    return true
  }

  /** A reply that says more of itself. False, and nothing is sent, when the frame would be too large. */
  answer(id: number, status: number, head: AnswerHead, body: string | Uint8Array): boolean {
    if (body.length > this.largest) return false
    this.#add(FrameKind.answer, id, status, JSON.stringify(head), ownCopy(body))
    return true
  }

  /** A part of a body; its bytes are copied. */
  part(id: number, state: PartState, bytes: Uint8Array): void {
    this.#add(FrameKind.part, id, partStates.indexOf(state), ownCopy(bytes))
  }

  control(message: object): boolean {
    const text = JSON.stringify(message)
    if (text.length > this.largest) return false
    this.#add(FrameKind.control, text)
    return true
  }

  /** Posts what was gathered now. */
  flush(written?: () => void): void {
    const parts = this.#parts
    this.#parts = []
    if (parts.length > 0) this.port.postMessage(parts)
    written?.()
  }

  #add(...parts: readonly unknown[]): void {
    if (this.#parts.length === 0) setImmediate(() => this.flush())
    this.#parts.push(...parts)
  }
}

/**
 * Hands each frame of a message to the receiver, in order.
 *
 * @throws {FrameInvalid} the message is no list of frames
 */
export function readMessage(message: unknown, receiver: FrameReceiver): void {
  if (!Array.isArray(message)) throw new FrameInvalid('it carried a message that is no list')
  for (let at = 0; at < message.length; ) {
    // Not by a pattern: it would make a list of each frame.
    const kind: unknown = message[at]
    const first: unknown = message[at + 1]
    const second: unknown = message[at + 2]
    const third: unknown = message[at + 3]
    const fourth: unknown = message[at + 4]
    if (kind === FrameKind.control && typeof first === 'string') {
      if (first.length > LARGEST_CONTROL) throw new FrameInvalid('it carried a message that is too long')
      receiver.control(parseJson(first))
      at += 2
    } else if (
      (kind === FrameKind.call || kind === FrameKind.callAs) &&
      typeof first === 'number' &&
      typeof second === 'number' &&
      typeof third === 'string' &&
      typeof fourth === 'string'
    ) {
      const told: unknown = kind === FrameKind.callAs ? message[at + 5] : undefined
      if (kind === FrameKind.callAs && typeof told !== 'string')
        throw new FrameInvalid('it carried a call without what is told of it')
      receiver.call(first, second, third, fourth, told as string | undefined)
      at += kind === FrameKind.callAs ? 6 : 5
    } else if (
      kind === FrameKind.reply &&
      typeof first === 'number' &&
      typeof second === 'number' &&
      contentTypes[third as number] !== undefined &&
      (typeof fourth === 'string' || fourth instanceof Uint8Array)
    ) {
      receiver.reply(first, second, contentTypes[third as number] as ContentType, bytesOf(fourth))
      at += 5
    } else if (
      kind === FrameKind.answer &&
      typeof first === 'number' &&
      typeof second === 'number' &&
      typeof third === 'string' &&
      (typeof fourth === 'string' || fourth instanceof Uint8Array)
    ) {
      receiver.answer(first, second, parseJson(third), bytesOf(fourth))
      at += 5
    } else if (
      kind === FrameKind.part &&
      typeof first === 'number' &&
      partStates[second as number] !== undefined &&
      third instanceof Uint8Array
    ) {
      receiver.part(first, partStates[second as number] as PartState, bytesOf(third))
      at += 4
    } else throw new FrameInvalid('it carried a message that is no frame')
  }
}

function bytesOf(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.from(body.buffer, body.byteOffset, body.length)
}

/** The whole memory behind a view would travel with it. */
function ownCopy(body: string | Uint8Array): string | Uint8Array {
  return typeof body === 'string' ? body : Uint8Array.prototype.slice.call(body)
}
