import type { IncomingMessage } from 'node:http'

/**
 * Reads the body of a request whole. Exactly one of `done` and `tooLong` is called, or neither when the caller goes away.
 *
 * Plain events and no promise: every call of every service passes through here, and most bodies are one chunk.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (body: Buffer) => void,
  tooLong: () => void,
): void {
  if (declaredLength(request) > limit) {
    tooLong()
    return
  }
  let first: Buffer | undefined
  let chunks: Buffer[] | undefined
  let size = 0

  const onData = (chunk: Buffer): void => {
    size += chunk.length
    if (size > limit) {
      request.off('data', onData)
      request.off('end', onEnd)
      tooLong()
    } else if (first === undefined) {
      first = chunk
    } else {
      chunks ??= [first]
      chunks.push(chunk)
    }
  }
  const onEnd = (): void => done(chunks === undefined ? (first ?? empty) : Buffer.concat(chunks, size))
  request.on('data', onData)
  request.on('end', onEnd)
}

/** 0 when it isn't declared: a body in chunks. */
export const declaredLength = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

const empty = Buffer.alloc(0)
