import type { IncomingMessage, ServerResponse } from 'node:http'

/** Milliseconds in which a caller who was refused may read the answer. */
const linger = 1000

/**
 * Ends an answer whose head is written or set with `body`, and closes the connection, but not before the rest of the
 * request has come or a moment has passed: what arrives is thrown away. Closing at once would take the answer away from a
 * caller who is still sending.
 */
export function endAfterRest(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  if (request.complete || request.destroyed) {
    response.end(body)
    return
  }
  response.write(body)
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, linger)
  request.once('end', end).once('close', end).resume()
}
