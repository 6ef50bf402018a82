import type { Writable } from 'node:stream'
import {
  CALL_HEAD,
  type ContentType,
  contentTypes,
  FrameKind,
  LARGEST_FRAME,
  LENGTH_FIELD,
  REPLY_HEAD,
} from './frames.ts'

const PIECE = 64 * 1024
const PIECES_KEPT = 4

/**
 * Gathers frames and writes all of one turn of the event loop at once (`setImmediate`).
 *
 * Frames are written side by side into pieces of 64 KiB, which are used again once the socket is done with them; a frame
 * that doesn't fit gets a piece of its own.
 */
export class FrameWriter {
  #piece: Buffer | undefined
  #end = 0
  #full: Buffer[] = []
  #spare: Buffer[] = []
  #flushes = false

  constructor(
    private readonly stream: Writable,
    private readonly largest = LARGEST_FRAME,
  ) {}

  /** False, and nothing is sent, when the frame would be too large. */
  call(id: number, endpoint: number, method: string, args: string): boolean {
    const named = Buffer.byteLength(method)
    const length = CALL_HEAD + named + Buffer.byteLength(args)
    if (named > 0xffff || length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = this.#head(piece, length, FrameKind.call)
    at = piece.writeUInt32LE(id, at)
    at = piece.writeUInt16LE(endpoint, at)
    at = piece.writeUInt16LE(named, at)
    writeText(piece, method, at, named)
    at += named
    writeText(piece, args, at, length - CALL_HEAD - named)
    this.#end += LENGTH_FIELD + length
    return true
  }

  /** False, and nothing is sent, when the frame would be too large. A body of bytes is copied. */
  reply(id: number, status: number, contentType: ContentType, body: string | Uint8Array): boolean {
    const text = typeof body === 'string'
    const size = text ? Buffer.byteLength(body) : body.length
    const length = REPLY_HEAD + size
    if (length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    let at = this.#head(piece, length, FrameKind.reply)
    at = piece.writeUInt32LE(id, at)
    at = piece.writeUInt16LE(status, at)
    at = piece.writeUInt8(contentTypes.indexOf(contentType), at)
    if (text) writeText(piece, body, at, size)
    else piece.set(body, at)
    this.#end += LENGTH_FIELD + length
    return true
  }

  control(message: object): boolean {
    const text = JSON.stringify(message)
    const size = Buffer.byteLength(text)
    const length = 1 + size
    if (length > this.largest) return false
    const piece = this.#room(LENGTH_FIELD + length)
    writeText(piece, text, this.#head(piece, length, FrameKind.control), size)
    this.#end += LENGTH_FIELD + length
    return true
  }

  /** Writes what was gathered now; `written` is called when the operating system has taken it. */
  flush(written?: () => void): void {
    this.#flushes = false
    const piece = this.#piece
    if (piece === undefined || this.stream.destroyed) {
      this.#piece = undefined
      this.#full = []
      written?.()
      return
    }
    const spare = piece.length === PIECE ? piece : undefined
    const done = (): void => {
      if (spare !== undefined && this.#spare.length < PIECES_KEPT) this.#spare.push(spare)
      written?.()
    }
    const last = piece.subarray(0, this.#end)
    const full = this.#full
    this.#piece = undefined
    this.#end = 0
    if (full.length === 0) {
      this.stream.write(last, done)
      return
    }
    this.#full = []
    this.stream.cork()
    for (const bytes of full) this.stream.write(bytes)
    this.stream.write(last, done)
    this.stream.uncork()
  }

  /** A piece with `size` bytes free from `#end` on. */
  #room(size: number): Buffer {
    if (!this.#flushes) {
      this.#flushes = true
      setImmediate(() => this.flush())
    }
    if (this.#piece !== undefined) {
      if (this.#piece.length - this.#end >= size) return this.#piece
      this.#full.push(this.#piece.subarray(0, this.#end))
    }
    this.#end = 0
    this.#piece = size > PIECE ? Buffer.allocUnsafeSlow(size) : (this.#spare.pop() ?? Buffer.allocUnsafeSlow(PIECE))
    return this.#piece
  }

  #head(piece: Buffer, length: number, kind: number): number {
    return piece.writeUInt8(kind, piece.writeUInt32LE(length, this.#end))
  }
}

/** Text of one byte a character goes the fast way. */
function writeText(piece: Buffer, text: string, at: number, size: number): void {
  piece.write(text, at, size, size === text.length ? 'latin1' : 'utf8')
}
