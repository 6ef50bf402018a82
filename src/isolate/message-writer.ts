import { type ContentType, contentTypes, FrameInvalid, FrameKind, type FrameReceiver, LARGEST_FRAME } from './frames.ts'

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
  call(id: number, endpoint: number, method: string, args: string, caller?: string): boolean {
    const length = method.length + args.length + (caller?.length ?? 0)
    if (method.length > 0xffff || length > this.largest) return false
    if (caller === undefined) this.#add(FrameKind.call, id, endpoint, method, args)
    else this.#add(FrameKind.callAs, id, endpoint, method, args, caller)
    return true
  }

  /** False, and nothing is sent, when the frame would be too large. A body of bytes is copied. */
  reply(id: number, status: number, contentType: ContentType, body: string | Uint8Array): boolean {
    if (body.length > this.largest) return false
    // The whole memory behind a view travels with it.
    const own = typeof body === 'string' ? body : Uint8Array.prototype.slice.call(body)
    this.#add(FrameKind.reply, id, status, contentTypes.indexOf(contentType), own)
    return true
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
      receiver.control(parsed(first))
      at += 2
    } else if (
      (kind === FrameKind.call || kind === FrameKind.callAs) &&
      typeof first === 'number' &&
      typeof second === 'number' &&
      typeof third === 'string' &&
      typeof fourth === 'string'
    ) {
      const caller: unknown = kind === FrameKind.callAs ? message[at + 5] : undefined
      if (kind === FrameKind.callAs && typeof caller !== 'string')
        throw new FrameInvalid('it carried a call without its caller')
      receiver.call(first, second, third, fourth, caller as string | undefined)
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
    } else throw new FrameInvalid('it carried a message that is no frame')
  }
}

function bytesOf(body: string | Uint8Array): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  return Buffer.from(body.buffer, body.byteOffset, body.length)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FrameInvalid('it carried a control frame that is not JSON', cause)
  }
}
