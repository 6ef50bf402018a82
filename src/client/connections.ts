import { createHash } from 'node:crypto'
import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls'
import { distrust, type ServerTrust } from './server-trust.ts'
import type { ShownCredential } from './shown-credential.ts'

export interface TlsOptions {
  /** Undefined: any server is believed. */
  readonly trust: ServerTrust | undefined
  readonly certificate: ShownCredential['certificate']
  readonly ciphers?: string
  readonly minVersion?: SecureVersion
  readonly maxVersion?: SecureVersion
}

/** What a call says to the connection that is made for it. */
export interface ConnectionWish {
  /** Milliseconds to connect and to agree on TLS. */
  readonly connectWithin?: number
}
type Target = ClientRequestArgs & ConnectionWish
type Connected = (error: Error | null, socket: Duplex) => void

/** Shorter than any server waits: a connection that the server ends just as a call goes out would lose the call. */
const IDLE = 30_000
const kept = { keepAlive: true, timeout: IDLE, scheduling: 'lifo', maxCachedSessions: 0 } as const

/**
 * Connections that are open before a call is given to them: whatever fails until then, no server has seen the call.
 */
class PlainConnections extends HttpAgent {
  constructor() {
    super(kept)
  }

  override createConnection({ host, port, connectWithin }: Target, connected?: Connected): undefined {
    const socket = connectPlain({ host: host ?? 'localhost', port: Number(port) })
    whenOpen(socket, 'connect', connectWithin, (error) => connected?.(error, socket))
  }
}

/** As those without TLS, and the server has been believed before the call, and any token with it, goes out. */
class TlsConnections extends HttpsAgent {
  readonly #options: TlsOptions
  readonly #context: SecureContext

  constructor(options: TlsOptions) {
    super(kept)
    this.#options = options
    const { certificate, ciphers, minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3' } = options
    this.#context = createSecureContext({
      ...certificate,
      ...(ciphers === undefined ? {} : { ciphers }),
      minVersion,
      maxVersion,
    })
  }

  override createConnection({ host, port, connectWithin }: Target, connected?: Connected): undefined {
    const name = (host ?? 'localhost').replace(/^\[(.*)\]$/, '$1')
    const socket = connectTls({
      host: name,
      port: Number(port),
      ...(isIP(name) === 0 ? { servername: name } : {}),
      secureContext: this.#context,
      // Node knows nothing of grid CAs, their policies and revocation lists: `distrust` decides.
      rejectUnauthorized: false,
    })
    const believed = async (): Promise<void> => this.#believe(socket, name)
    whenOpen(socket, 'secureConnect', connectWithin, (error) => connected?.(error, socket), believed)
  }

  async #believe(socket: TLSSocket, name: string): Promise<void> {
    const { trust } = this.#options
    const why = trust && (await distrust(socket, name, trust))
    if (why !== undefined) throw new Error(`its certificate is not trusted: ${why}`)
  }
}

/** Calls back once: when the socket is open and has passed the check, or with why not; it is destroyed then. */
function whenOpen(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  within: number | undefined,
  settled: (error: Error | null) => void,
  check?: () => Promise<void>,
): void {
  let done = false
  const settle = (error: Error | null): void => {
    if (done) return
    done = true
    clearTimeout(timer)
    socket.off('close', closed)
    // An error that comes after all else has nobody to go to.
    if (error !== null) socket.destroy()
    else socket.off('error', settle)
    settled(error)
  }
  const closed = (): void => settle(new Error('the connection ended before it was open'))
  const late = (): void => settle(new Error(`no connection within ${(within as number) / 1000} s`))
  const timer = within === undefined ? undefined : setTimeout(late, within)
  // Watched during the check as well: a server that refuses our certificate says so only now.
  socket.on('close', closed).on('error', settle)
  socket.once(event, () => {
    if (check === undefined) settle(null)
    else check().then(() => settle(null), settle)
  })
}

export type Connections = HttpAgent

let plain: PlainConnections | undefined
const tls = new Map<string, TlsConnections>()
/** Each renewed proxy makes a new entry. */
const MOST_KEPT = 50

/** The kept connections to http addresses, for all clients of the process. */
export function plainConnections(): Connections {
  plain ??= new PlainConnections()
  return plain
}

/** The kept connections on which this credential is shown and servers are believed by these rules, and no others. */
export function tlsConnections(options: TlsOptions): Connections {
  const key = createHash('sha256').update(JSON.stringify(options)).digest('hex')
  const known = tls.get(key)
  if (known !== undefined) return known
  const made = new TlsConnections(options)
  tls.set(key, made)
  // Forgotten and not ended: calls may be on their way; idle ones end by themselves.
  for (const old of [...tls.keys()].slice(0, Math.max(0, tls.size - MOST_KEPT))) tls.delete(old)
  return made
}
