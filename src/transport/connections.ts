import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** What doors were like when they were shut. */
export interface Shut {
  /** Connections that were still busy when the time was over, and were cut. */
  readonly cut: number
}

/** How often connections that have become idle are closed while a server is shut, in milliseconds. */
const sweep = 50

/** The connections of servers, so that those can be shut: without a wait for who asks nothing, or a cut for who does. */
export class Connections {
  /** Those on which requests come: with TLS, those whose handshake is done. */
  readonly #open = new Set<Socket>()
  /** Raw connections in a TLS handshake by their peer, which Node's HTTP server doesn't know yet. */
  readonly #handshakes = new Map<string, Socket>()

  watch(server: Server, { secure }: { readonly secure: boolean }): void {
    if (!secure) {
      server.on('connection', (socket: Socket) => this.#keep(socket))
      return
    }
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket)
      this.#handshakes.set(peer, socket)
      socket.once('close', () => this.#handshakes.delete(peer))
    })
    server.on('secureConnection', (socket: Socket) => {
      this.#handshakes.delete(peerOf(socket))
      this.#keep(socket)
    })
  }

  /** Accepts nothing more, waits for the answers under way, at most `deadline` milliseconds, then cuts what is left. */
  async shut(servers: readonly Server[], deadline: number): Promise<Shut> {
    const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
    // Node takes a connection for idle only after its first request.
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
    for (const socket of this.#handshakes.values()) socket.destroy()
    const sweeper = setInterval(() => {
      for (const server of servers) server.closeIdleConnections()
    }, sweep)
    let cut = 0
    const timer = setTimeout(() => {
      cut = this.#open.size
      for (const socket of this.#open) socket.destroy()
    }, deadline)
    await closed
    clearInterval(sweeper)
    clearTimeout(timer)
    return { cut }
  }

  #keep(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`
