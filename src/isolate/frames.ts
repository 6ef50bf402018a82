import { DhnError } from '../service/errors.ts'

/**
 * The frames between the host and a place, the same in both directions. Integers are little-endian.
 *
 *     u32 length of what follows, u8 kind, then by kind:
 *     control   JSON text
 *     call      u32 id, u16 endpoint, u16 length of the method's name, the name, the text of the arguments
 *     reply     u32 id, u16 status, u8 content type, the body
 *
 * Texts are UTF-8. A frame is cut into chunks anywhere on its way: FrameParser puts it together again.
 */
export const FrameKind = { control: 0, call: 1, reply: 2 } as const

/** A frame's u8 for a content type is the index here. */
export const contentTypes = ['application/json', 'text/html; charset=UTF-8', 'application/octet-stream'] as const
export type ContentType = (typeof contentTypes)[number]

/** Largest frame without its length field, bytes: above the largest request body of a node. */
export const LARGEST_FRAME = 128 * 1024 * 1024

export const LENGTH_FIELD = 4
export const CALL_HEAD = 9
export const REPLY_HEAD = 8

/** Takes the frames of one direction. A body is a view of the chunk it came in. */
export interface FrameReceiver {
  control(message: unknown): void
  call(id: number, endpoint: number, method: string, args: string): void
  reply(id: number, status: number, contentType: ContentType, body: Buffer): void
}

/**
 * Cuts a stream of chunks into frames and hands each to its receiver, in order.
 *
 * Whole frames of a chunk are read where they lie; only one that spans chunks is put together, once, when its last byte
 * is there.
 */
export class FrameParser {
  #kept: Buffer[] = []
  #keptLength = 0
  /** How many bytes must be there before it is worth looking. */
  #wanted = LENGTH_FIELD

  constructor(
    private readonly receiver: FrameReceiver,
    private readonly largest = LARGEST_FRAME,
  ) {}

  /** @throws {FrameInvalid} the stream is no sequence of frames; nothing more can be read from it */
  push(chunk: Buffer): void {
    let bytes = chunk
    if (this.#keptLength > 0) {
      this.#kept.push(chunk)
      this.#keptLength += chunk.length
      if (this.#keptLength < this.#wanted) return
      bytes = Buffer.concat(this.#kept, this.#keptLength)
    }
    let at = 0
    this.#wanted = LENGTH_FIELD
    while (bytes.length - at >= LENGTH_FIELD) {
      const length = bytes.readUInt32LE(at)
      if (length === 0 || length > this.largest) throw new FrameInvalid(`it carried a length of ${length} bytes`)
      const end = at + LENGTH_FIELD + length
      if (end > bytes.length) {
        this.#wanted = LENGTH_FIELD + length
        break
      }
      this.#deliver(bytes, at + LENGTH_FIELD, end)
      at = end
    }
    this.#kept = at === bytes.length ? [] : [at === 0 ? bytes : bytes.subarray(at)]
    this.#keptLength = bytes.length - at
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
      case FrameKind.control:
        this.receiver.control(parseControl(bytes.toString('utf8', start + 1, end)))
        return
      default:
        throw new FrameInvalid(`it carried a frame of kind ${bytes[start]}`)
    }
  }
}

function parseControl(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FrameInvalid('it carried a control frame that is not JSON', cause)
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
