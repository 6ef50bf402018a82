import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { ListenRefused, PortInUse } from './errors.ts'
import type { Handler } from './request-handler.ts'

export interface DoorOptions {
  /** Such as `/DHN/Port`: what to change when the port is taken. */
  readonly option: string
  readonly port: number
  /** None: every address of the machine, IPv4 and IPv6. */
  readonly addresses: readonly string[]
  readonly server: ServerOptions
  /** Given: HTTPS. */
  readonly tls?: TlsOptions
  readonly handler: Handler
  /** A connection couldn't be accepted: too many open files, mostly. */
  readonly failed: (error: Error) => void
}

/** What a door was like when it was shut. */
export interface Shut {
  /** Connections that were still open when the time was over, and were cut. */
  readonly cut: number
}

/** How often connections that have become idle are closed while a door is shut, in milliseconds. */
const sweep = 50

/** One port, at one or more network addresses: open, it hands requests on; shut, it lets those under way end. */
export class Door {
  readonly #servers: Server[] = []
  /** Connections on which requests come: with TLS, those whose handshake is done. */
  readonly #connections = new Set<Socket>()
  /** Raw connections in a TLS handshake by their peer, which Node's HTTP server doesn't know yet. */
  readonly #handshakes = new Map<string, Socket>()
  #port = 0
  #shutting: Promise<Shut> | undefined

  constructor(private readonly options: DoorOptions) {}

  /** The port in use, which differs from the one asked for when that was 0. */
  get port(): number {
    return this.#port
  }

  /**
   * Opens at every address, or at none.
   *
   * @throws {PortInUse} @throws {ListenRefused}
   */
  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#open()
      } catch (error) {
        await this.#close(0)
        // A port that was free at the first address may be taken at the second.
        if (this.options.port !== 0 || !(error instanceof PortInUse) || attempt === 5) throw error
      }
    }
  }

  /**
   * Accepts nothing more, waits for the answers under way, at most `deadline` milliseconds, then cuts what is left. Safe
   * twice, and before `open`.
   */
  shut(deadline: number): Promise<Shut> {
    this.#shutting ??= this.#close(deadline)
    return this.#shutting
  }

  async #open(): Promise<void> {
    const addresses = this.options.addresses.length === 0 ? [undefined] : this.options.addresses
    this.#port = this.options.port
    for (const address of addresses) {
      const server = await this.#listen(address)
      if (server === undefined) continue
      this.#servers.push(server)
      this.#port = (server.address() as AddressInfo).port
    }
    if (this.#servers.length === 0) throw new ListenRefused(addresses.join(', '), 'no such address here', wrongAddress)
  }

  async #close(deadline: number): Promise<Shut> {
    const servers = this.#servers.splice(0)
    const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
    // Node takes a connection for idle only after its first request.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy()
    for (const socket of this.#handshakes.values()) socket.destroy()
    const sweeper = setInterval(() => {
      for (const server of servers) server.closeIdleConnections()
    }, sweep)
    let cut = 0
    const timer = setTimeout(() => {
      cut = this.#connections.size
      for (const socket of this.#connections) socket.destroy()
    }, deadline)
    await closed
    clearInterval(sweeper)
    clearTimeout(timer)
    return { cut }
  }

  #keep(socket: Socket): void {
    this.#connections.add(socket)
    socket.once('close', () => this.#connections.delete(socket))
  }

  /** Undefined where the machine has no such address, if it's the loopback address of IPv6: not every machine has one. */
  async #listen(address: string | undefined): Promise<Server | undefined> {
    const { server: options, tls, handler, option, failed } = this.options
    const server = tls === undefined ? createServer(options) : createSecureServer({ ...options, ...tls })
    server.on('request', handler.request)
    server.on('checkContinue', handler.checkContinue)
    if (tls === undefined) {
      server.on('connection', (socket: Socket) => this.#keep(socket))
    } else {
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
    const where = `${address ?? 'every address'}, port ${this.#port}`
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port: this.#port, ...(address === undefined ? {} : { host: address }) }, () => {
          server.off('error', reject).on('error', failed)
          resolve()
        })
      })
      return server
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE') throw new PortInUse(this.#port, option, address)
      if (code === 'EACCES') throw new ListenRefused(where, message, `choose a port from 1024 with ${option}`)
      if (address === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) return undefined
      throw new ListenRefused(where, message, wrongAddress)
    }
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`

const wrongAddress = 'give addresses of this machine in etc/dhn.cfg, or none for all of them'
