import type { Writable } from 'node:stream'
import {
  ANSWER_HEAD,
  type AnswerHead,
  CALL_AS_HEAD,
  CALL_HEAD,
  type ContentType,
  contentTypes,
  FrameKind,
  LARGEST_FRAME,
  LENGTH_FIELD,
  PART_HEAD,
  type PartState,
  partStates,
  REPLY_HEAD,
} from './frames.ts'

const PIECE = 64 * 1024
const PIECES_KEPT = 16

interface Piece {
  readonly bytes: Buffer
  end: number
}

/**
 * Gathers frames and writes all of one turn of the event loop at once (`setImmediate`).
 *
 * Frames are written side by side into pieces of 64 KiB, which are used again once the socket is done with them; a frame
 * that doesn't fit gets a piece of its own.
 */
export class FrameWriter {
  /** Those of this turn, the last one with room. */
  #pieces: Piece[] = []
  #spare: Buffer[] = []
  #flushes = false

  constructor(
    private readonly stream: Writable,
    private readonly largest = LARGEST_FRAME,
  ) {}

  /**
   * With what is told of the call as JSON text, or in the shorter frame without. False, and nothing is sent, when the frame
   * would be too large.
   */
  call(id: number, endpoint: number, method: string, args: string, told?: string): boolean {
    if (told !== undefined) return this.#callAs(id, endpoint, method, args, told)
    const named = Buffer.byteLength(method)
    const length = CALL_HEAD + named + Buffer.byteLength(args)
    if (named > 0xffff || length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = begin(piece, length, FrameKind.call)
    at = piece.bytes.writeUInt32LE(id, at)
    at = piece.bytes.writeUInt16LE(endpoint, at)
    at = piece.bytes.writeUInt16LE(named, at)
    writeText(piece.bytes, method, at, named)
    at += named
    writeText(piece.bytes, args, at, length - CALL_HEAD - named)
    return true
  }

  #callAs(id: number, endpoint: number, method: string, args: string, told: string): boolean {
    const named = Buffer.byteLength(method)
    const said = Buffer.byteLength(told)
    const length = CALL_AS_HEAD + named + said + Buffer.byteLength(args)
    if (named > 0xffff || length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = begin(piece, length, FrameKind.callAs)
    at = piece.bytes.writeUInt32LE(id, at)
    at = piece.bytes.writeUInt16LE(endpoint, at)
    at = piece.bytes.writeUInt16LE(named, at)
    at = piece.bytes.writeUInt32LE(said, at)
    writeText(piece.bytes, method, at, named)
    at += named
    writeText(piece.bytes, told, at, said)
    at += said
    writeText(piece.bytes, args, at, length - CALL_AS_HEAD - named - said)
    return true
  }

  /** False, and nothing is sent, when the frame would be too large. A body of bytes is copied. */
  reply(id: number, status: number, contentType: ContentType, body: string | Uint8Array): boolean {
    const text = typeof body === 'string'
    const size = text ? Buffer.byteLength(body) : body.length
    const length = REPLY_HEAD + size
    if (length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = begin(piece, length, FrameKind.reply)
    at = piece.bytes.writeUInt32LE(id, at)
    at = piece.bytes.writeUInt16LE(status, at)
    at = piece.bytes.writeUInt8(contentTypes.indexOf(contentType), at)
    if (text) writeText(piece.bytes, body, at, size)
    else piece.bytes.set(body, at)
    return true
  }

  /** A reply that says more of itself. False, and nothing is sent, when the frame would be too large. */
  answer(id: number, status: number, head: AnswerHead, body: string | Uint8Array): boolean {
    const said = JSON.stringify(head)
    const saidSize = Buffer.byteLength(said)
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length
    const length = ANSWER_HEAD + saidSize + size
    if (length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = begin(piece, length, FrameKind.answer)
    at = piece.bytes.writeUInt32LE(id, at)
    at = piece.bytes.writeUInt16LE(status, at)
    at = piece.bytes.writeUInt32LE(saidSize, at)
    writeText(piece.bytes, said, at, saidSize)
    at += saidSize
    if (typeof body === 'string') writeText(piece.bytes, body, at, size)
    else piece.bytes.set(body, at)
    return true
  }

  /** A part of a body; its bytes are copied. */
  part(id: number, state: PartState, bytes: Uint8Array): void {
    const length = PART_HEAD + bytes.length
    const piece = this.#room(LENGTH_FIELD + length)
    let at = begin(piece, length, FrameKind.part)
    at = piece.bytes.writeUInt32LE(id, at)
    at = piece.bytes.writeUInt8(partStates.indexOf(state), at)
    piece.bytes.set(bytes, at)
  }

  control(message: object): boolean {
    const text = JSON.stringify(message)
    const size = Buffer.byteLength(text)
    const length = 1 + size
    if (length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    writeText(piece.bytes, text, begin(piece, length, FrameKind.control), size)
    return true
  }

  /** Writes what was gathered now; `written` is called when the operating system has taken it. */
  flush(written?: () => void): void {
    this.#flushes = false
    const pieces = this.#pieces
    if (pieces.length === 0 || this.stream.destroyed) {
      this.#pieces = []
      written?.()
      return
    }
    this.#pieces = []
    const last = pieces.pop() as Piece
    const done = (): void => {
      this.#keep(last)
      for (const piece of pieces) this.#keep(piece)
      written?.()
    }
    if (pieces.length > 0) this.stream.cork()
    for (const { bytes, end } of pieces) this.stream.write(bytes.subarray(0, end))
    this.stream.write(last.bytes.subarray(0, last.end), done)
    if (pieces.length > 0) this.stream.uncork()
  }

  /** A piece with `size` bytes free from its end on. */
  #room(size: number): Piece {
    if (!this.#flushes) {
      this.#flushes = true
      setImmediate(() => this.flush())
    }
    const last = this.#pieces.at(-1)
    if (last !== undefined && last.bytes.length - last.end >= size) return last
    const bytes = size > PIECE ? Buffer.allocUnsafeSlow(size) : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(PIECE))
    const piece = { bytes, end: 0 }
    this.#pieces.push(piece)
    return piece
  }

  #keep({ bytes }: Piece): void {
    if (bytes.length === PIECE && this.#spare.length < PIECES_KEPT) this.#spare.push(bytes)
  }
}

/** Writes length and kind of a frame and counts it in; returns where its rest goes. */
function begin(piece: Piece, length: number, kind: number): number {
  const at = piece.bytes.writeUInt32LE(length, piece.end)
  piece.end += LENGTH_FIELD + length
  return piece.bytes.writeUInt8(kind, at)
}

/** Text of one byte a character goes the fast way. */
function writeText(bytes: Buffer, text: string, at: number, size: number): void {
  bytes.write(text, at, size, size === text.length ? 'latin1' : 'utf8')
}
