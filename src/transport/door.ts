import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { Connections, type Shut } from './connections.ts'
import { type ListenAt, Listener } from './listener.ts'
import { OncePerMinute } from './once-per-minute.ts'
import type { Handler } from './request-handler.ts'

export interface DoorOptions {
  readonly server: ServerOptions
  /** Milliseconds after which a connection is cut on whose other side nothing of an answer is read. */
  readonly patience: number
  /** Given: HTTPS. */
  readonly tls?: TlsOptions
  readonly handler: Handler
}

export interface OpenDoorOptions extends DoorOptions, ListenAt {
  /** How many may be open at a time at each address. */
  readonly connections: number
  /** A connection couldn't be accepted: too many open files, mostly. */
  readonly failed: (error: Error) => void
  /** A connection was refused because there are too many; told once a minute. */
  readonly full: () => void
}

/** One port, at one or more network addresses: open, it hands requests on; shut, it lets those under way end. */
export class Door {
  readonly #listener: Listener<Server>
  readonly #connections = new Connections()
  #shutting: Promise<Shut> | undefined

  constructor(private readonly options: OpenDoorOptions) {
    const full = new OncePerMinute(options.full)
    const make = (): Server => {
      const server = serverOf(options, this.#connections)
      server.maxConnections = options.connections
      server.on('drop', () => full.tell())
      return server
    }
    this.#listener = new Listener(options, make, (servers) => this.#connections.shut(servers, 0))
  }

  /** The port in use, which differs from the one asked for when that was 0. */
  get port(): number {
    return this.#listener.port
  }

  /** How many are open. */
  get connections(): number {
    return this.#connections.count
  }

  /**
   * Opens at every address, or at none.
   *
   * @throws {PortInUse} @throws {ListenRefused}
   */
  open(): Promise<void> {
    return this.#listener.open(this.options.failed)
  }

  /** Shows another certificate from now on; connections that are open stay as they are. */
  renew(tls: SecureContextOptions): void {
    for (const server of this.#listener.servers) if (server instanceof SecureServer) server.setSecureContext(tls)
  }

  /** Lets the answers under way end, for at most `deadline` milliseconds. Safe twice, and before `open`. */
  shut(deadline: number): Promise<Shut> {
    this.#shutting ??= this.#connections.shut(this.#listener.take(), deadline)
    return this.#shutting
  }
}

/** A door without a port: connections are brought to it that were accepted elsewhere. */
export class InnerDoor {
  readonly #server: Server
  readonly #connections = new Connections()
  #shutting: Promise<Shut> | undefined

  constructor(options: DoorOptions) {
    this.#server = serverOf(options, this.#connections)
    // Node watches the time limits of requests, and knows which connections are idle, from this event on.
    this.#server.emit('listening')
  }

  get connections(): number {
    return this.#connections.count
  }

  /** A connection of which nothing was read. */
  take(socket: Socket): void {
    this.#server.emit('connection', socket)
    socket.resume()
  }

  renew(tls: SecureContextOptions): void {
    if (this.#server instanceof SecureServer) this.#server.setSecureContext(tls)
  }

  shut(deadline: number): Promise<Shut> {
    this.#shutting ??= this.#connections.shut([this.#server], deadline)
    return this.#shutting
  }
}

function serverOf({ server: options, tls, handler, patience }: DoorOptions, connections: Connections): Server {
  const server = tls === undefined ? createServer(options) : createSecureServer({ ...options, ...tls })
  server.on('request', handler.request)
  server.on('checkContinue', handler.checkContinue)
  server.on('checkExpectation', handler.checkExpectation)
  server.on('clientError', handler.clientError)
  connections.watch(server, { secure: tls !== undefined, patience })
  return server
}
