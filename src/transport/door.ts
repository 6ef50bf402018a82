import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { Connections, type Shut } from './connections.ts'
import { ListenRefused, PortInUse } from './errors.ts'
import type { Handler } from './request-handler.ts'

export interface DoorOptions {
  /** Such as `/DHN/Port`: what to change when the port is taken. */
  readonly option: string
  readonly port: number
  /** None: every address of the machine, IPv4 and IPv6. */
  readonly addresses: readonly string[]
  readonly server: ServerOptions
  /** How many may be open at a time at each address. */
  readonly connections: number
  /** Milliseconds after which a connection is cut on whose other side nothing of an answer is read. */
  readonly patience: number
  /** Given: HTTPS. */
  readonly tls?: TlsOptions
  readonly handler: Handler
  /** A connection couldn't be accepted: too many open files, mostly. */
  readonly failed: (error: Error) => void
  /** A connection was refused because there are too many; told once a minute. */
  readonly full: () => void
}

/** How often it is told that connections are refused, in milliseconds. */
const repeat = 60_000

/** One port, at one or more network addresses: open, it hands requests on; shut, it lets those under way end. */
export class Door {
  readonly #servers: Server[] = []
  readonly #connections = new Connections()
  #port = 0
  #toldFull = 0
  #shutting: Promise<Shut> | undefined

  constructor(private readonly options: DoorOptions) {}

  /** The port in use, which differs from the one asked for when that was 0. */
  get port(): number {
    return this.#port
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
  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#open()
      } catch (error) {
        await this.#connections.shut(this.#servers.splice(0), 0)
        // A port that was free at the first address may be taken at the second.
        if (this.options.port !== 0 || !(error instanceof PortInUse) || attempt === 5) throw error
      }
    }
  }

  /** Shows another certificate from now on; connections that are open stay as they are. */
  renew(tls: SecureContextOptions): void {
    for (const server of this.#servers) if (server instanceof SecureServer) server.setSecureContext(tls)
  }

  /** Lets the answers under way end, for at most `deadline` milliseconds. Safe twice, and before `open`. */
  shut(deadline: number): Promise<Shut> {
    this.#shutting ??= this.#connections.shut(this.#servers.splice(0), deadline)
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

  #tellFull(): void {
    if (Date.now() - this.#toldFull < repeat) return
    this.#toldFull = Date.now()
    this.options.full()
  }

  /** Undefined where the machine has no such address, if it's the loopback address of IPv6: not every machine has one. */
  async #listen(address: string | undefined): Promise<Server | undefined> {
    const { server: options, connections, patience, tls, handler, option, failed } = this.options
    const server = tls === undefined ? createServer(options) : createSecureServer({ ...options, ...tls })
    server.on('request', handler.request)
    server.on('checkContinue', handler.checkContinue)
    server.maxConnections = connections
    server.on('drop', () => this.#tellFull())
    this.#connections.watch(server, { secure: tls !== undefined, patience })
    const where = `${address ?? 'every address'}, port ${this.#port}`
    try {
      await listening(server, { port: this.#port, ...(address === undefined ? {} : { host: address }) })
      server.on('error', failed)
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

/** Resolves when `server` listens, rejects with why it can't. */
export function listening(
  server: Server,
  where: { readonly port: number; readonly host?: string } | { readonly path: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

const wrongAddress = 'give addresses of this machine in etc/dhn.cfg, or none for all of them'
