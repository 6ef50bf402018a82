import type { IncomingMessage } from 'node:http'

/** Where bytes are counted that are kept for a request whose body isn't whole yet. */
export interface Room {
  /** False, and nothing is counted, when there is no room. */
  hold(bytes: number): boolean
  release(bytes: number): void
}

/**
 * Reads the body of a request whole. Exactly one of `done` and `refused` is called, or neither when the caller goes away.
 *
 * Plain events and no promise: every call of every service passes through here, and most bodies are one chunk. Only those
 * that aren't are counted in `room`, for as long as they are read.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  room: Room,
  done: (body: Buffer) => void,
  refused: (why: 'too long' | 'no room') => void,
): void {
  const declared = declaredLength(request)
  let first: Buffer | undefined
  let chunks: Buffer[] | undefined
  let size = 0
  let held = 0

  const release = (): void => {
    room.release(held)
    held = 0
  }
  const hold = (bytes: number): boolean => {
    if (!room.hold(bytes)) return false
    if (held === 0) request.once('close', release)
    held += bytes
    return true
  }
  const end = (why: 'too long' | 'no room'): void => {
    request.off('data', onData)
    request.off('end', onEnd)
    first = chunks = undefined
    release()
    refused(why)
  }
  const onData = (chunk: Buffer): void => {
    size += chunk.length
    const isWhole = held === 0 && size === declared
    if (size > limit) {
      end('too long')
    } else if (!isWhole && !hold(chunk.length)) {
      end('no room')
    } else if (first === undefined) {
      first = chunk
    } else {
      chunks ??= [first]
      chunks.push(chunk)
    }
  }
  const onEnd = (): void => {
    const body = chunks === undefined ? (first ?? empty) : Buffer.concat(chunks, size)
    if (held > 0) release()
    done(body)
  }
  request.on('data', onData)
  request.on('end', onEnd)
}

/** 0 when it isn't declared: a body in chunks. */
export const declaredLength = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

const empty = Buffer.alloc(0)
