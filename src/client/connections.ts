import { createHash } from 'node:crypto'
import { type ClientRequestArgs, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import { openPlain, openSecure, secureContextOf, type TlsOptions } from './open-connection.ts'

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

/** Connections that are open before a call is given to them: whatever fails until then, no server has seen the call. */
class PlainConnections extends HttpAgent {
  constructor() {
    super(kept)
  }

  override createConnection(target: Target, connected?: Connected): undefined {
    openPlain(target, (error, socket) => connected?.(error, socket))
  }
}

/** As those without TLS, and the server has been believed before the call, and any token with it, goes out. */
class TlsConnections extends HttpsAgent {
  readonly #options: TlsOptions
  readonly #context: SecureContext

  constructor(options: TlsOptions) {
    super(kept)
    this.#options = options
    this.#context = secureContextOf(options)
  }

  override createConnection(target: Target, connected?: Connected): undefined {
    openSecure(target, this.#context, this.#options.trust, (error, socket) => connected?.(error, socket))
  }
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
