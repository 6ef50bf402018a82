import { createGunzip } from 'node:zlib'
import type { Room } from './read-body.ts'

/**
 * Unpacks a body that came compressed. Exactly one of `done` and `refused` is called.
 *
 * A short body may become a long one: what has come of it is counted in `room` as it comes, and it ends at `limit`.
 */
export function inflate(
  body: Buffer,
  limit: number,
  room: Room,
  done: (body: Buffer) => void,
  refused: (why: 'too long' | 'no room' | 'damaged') => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  const gunzip = createGunzip()
  const end = (tell: () => void): void => {
    gunzip.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
    gunzip.on('error', () => undefined)
    gunzip.destroy()
    room.release(size)
    tell()
  }
  gunzip.on('data', (chunk: Buffer) => {
    if (size + chunk.length > limit) return end(() => refused('too long'))
    if (!room.hold(chunk.length)) return end(() => refused('no room'))
    size += chunk.length
    chunks.push(chunk)
  })
  gunzip.on('end', () => end(() => done(Buffer.concat(chunks, size))))
  gunzip.on('error', () => end(() => refused('damaged')))
  gunzip.end(body)
}
