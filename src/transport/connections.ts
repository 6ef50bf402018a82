import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Bag } from './bag.ts'

/** What doors were like when they were shut. */
export interface Shut {
  /** Connections that were still busy when the time was over, and were cut. */
  readonly cut: number
}

/** Bytes that wait in a connection only when a long answer does. */
const longAnswer = 64 * 1024

/** How often connections that have become idle are closed while a server is shut, in milliseconds. */
const sweep = 50

/** The connections of servers, so that those can be shut: without a wait for who asks nothing, or a cut for who does. */
export class Connections {
  /** Those on which requests come: with TLS, those whose handshake is done. */
  readonly #open = new Bag<Socket>()
  /** With something written and not taken when they were last looked at: what had been written in all. */
  readonly #stalled = new WeakMap<Socket, number>()
  /** Raw connections in a TLS handshake by their peer, which Node's HTTP server doesn't know yet. */
  readonly #handshakes = new Map<string, Socket>()
  /** Called when the last one that is open has closed. */
  #empty: () => void = () => {}

  /** How many there are, those in a handshake among them. */
  get count(): number {
    return this.#open.size + this.#handshakes.size
  }

  /** `patience`: after so many milliseconds without any progress, a connection is cut whose answers nobody reads. */
  watch(server: Server, { secure, patience }: { readonly secure: boolean; readonly patience: number }): void {
    const sweeper = setInterval(() => this.#cutStalled(), patience).unref()
    server.once('close', () => clearInterval(sweeper))

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
    // A server knows nothing of connections that were brought to it.
    await this.#emptied()
    clearInterval(sweeper)
    clearTimeout(timer)
    return { cut }
  }

  /**
   * Node takes a connection for busy, and lets it be, while something of an answer waits in it. Long answers are watched one
   * by one, each with a timer; short ones are looked at here, off the way of calls.
   */
  #cutStalled(): void {
    for (const socket of this.#open) {
      const { writableLength, bytesWritten } = socket
      if (writableLength === 0 || writableLength > longAnswer) this.#stalled.delete(socket)
      else if (this.#stalled.get(socket) === bytesWritten) socket.destroy()
      else this.#stalled.set(socket, bytesWritten)
    }
  }

  #keep(socket: Socket): void {
    const remove = this.#open.add(socket)
    socket.once('close', () => {
      remove()
      if (this.#open.size === 0) this.#empty()
    })
  }

  #emptied(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#empty = resolve
    })
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`
