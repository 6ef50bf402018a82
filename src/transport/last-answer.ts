import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds in which a caller who was answered before he had sent everything may read the answer. */
const linger = 1000

/** Connections with their last answer under way, or behind them. */
const ending = new WeakSet<Socket>()

/** What stands behind a request that ended its connection is nobody's request: Node reads on all the same. */
export const isEnding = (socket: Socket): boolean => ending.has(socket)

/** The answer is the last one of its connection. */
export function closeAfter(response: ServerResponse): void {
  response.shouldKeepAlive = false
  ending.add(response.req.socket)
}

/** Sends `text` as the last answer of a connection on which no request can be read any more. */
export function endWith(socket: Socket, text: string): void {
  ending.add(socket)
  socket.write(text)
  socket.destroySoon()
}

/**
 * Has the answer to a request reach its caller also when it ends the connection before the whole request was read. Node
 * closes at once then, and closing takes the answer away from who is still sending. So only this side is closed (RFC 9112,
 * 9.6), until the rest has come or a moment has passed; what arrives is thrown away.
 *
 * @param most the moment, ms
 */
export function lingerAfter(request: IncomingMessage, most = linger): void {
  const { socket } = request
  // Node's own way to end a connection after its last answer; it has no event for that.
  socket.destroySoon = () => {
    delete (socket as Partial<Socket>).destroySoon
    if (request.complete || socket.destroyed) {
      socket.destroySoon()
      return
    }
    ending.add(socket)
    socket.end()
    const close = (): void => {
      clearTimeout(timer)
      socket.destroy()
    }
    const timer = setTimeout(close, most)
    request.once('end', close).once('close', close).resume()
  }
}
