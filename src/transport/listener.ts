import type { AddressInfo, Server } from 'node:net'
import { ListenRefused, PortInUse } from './errors.ts'

export interface ListenAt {
  /** Such as `/DHN/Port`: what to change when the port is taken. */
  readonly option: string
  readonly port: number
  /** None: every address of the machine, IPv4 and IPv6. */
  readonly addresses: readonly string[]
}

/** One port at one or more network addresses, with a server at each. */
export class Listener<S extends Server> {
  #servers: S[] = []
  #port = 0

  /** @param discard ends servers that were opened for nothing */
  constructor(
    private readonly at: ListenAt,
    private readonly make: () => S,
    private readonly discard: (servers: readonly S[]) => Promise<unknown>,
  ) {}

  /** The port in use, which differs from the one asked for when that was 0. */
  get port(): number {
    return this.#port
  }

  /** Those that listen; none once they were taken. */
  get servers(): readonly S[] {
    return this.#servers
  }

  take(): readonly S[] {
    return this.#servers.splice(0)
  }

  /**
   * Opens at every address, or at none.
   *
   * @param failed hears of what goes wrong with a server afterwards
   * @throws {PortInUse} @throws {ListenRefused}
   */
  async open(failed: (error: Error) => void): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#open(failed)
        return
      } catch (error) {
        await this.discard(this.take())
        // A port that was free at the first address may be taken at the second.
        if (this.at.port !== 0 || !(error instanceof PortInUse) || attempt === 5) throw error
      }
    }
  }

  async #open(failed: (error: Error) => void): Promise<void> {
    const addresses = this.at.addresses.length === 0 ? [undefined] : this.at.addresses
    this.#port = this.at.port
    for (const address of addresses) {
      const server = await this.#listen(address)
      if (server === undefined) continue
      server.on('error', failed)
      this.#servers.push(server)
      this.#port = (server.address() as AddressInfo).port
    }
    if (this.#servers.length === 0) throw new ListenRefused(addresses.join(', '), 'no such address here', wrongAddress)
  }

  /** Undefined where the machine has no such address, if it's the loopback address of IPv6: not every machine has one. */
  async #listen(address: string | undefined): Promise<S | undefined> {
    const { option } = this.at
    const server = this.make()
    const where = `${address ?? 'every address'}, port ${this.#port}`
    try {
      await listening(server, { port: this.#port, ...(address === undefined ? {} : { host: address }) })
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
  where: { readonly port: number; readonly host?: string } | { readonly path: string; readonly backlog?: number },
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
