import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'
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

/** Where to, and how long it may take, ms. */
export interface Goal {
  readonly host?: string | null | undefined
  readonly port?: number | string | null | undefined
  readonly connectWithin?: number
}

type Opened = (error: Error | null, socket: Socket) => void

/** Opens a connection without TLS. */
export function openPlain({ host, port, connectWithin }: Goal, opened: Opened): void {
  const socket = connectPlain({ host: withoutBrackets(host), port: Number(port) })
  whenOpen(socket, 'connect', connectWithin, (error) => opened(error, socket))
}

/** What is shown and spoken on the connections of one kind; made once for many. */
export function secureContextOf({ certificate, ciphers, minVersion, maxVersion }: TlsOptions): SecureContext {
  return createSecureContext({
    ...certificate,
    ...(ciphers === undefined ? {} : { ciphers }),
    minVersion: minVersion ?? 'TLSv1.2',
    maxVersion: maxVersion ?? 'TLSv1.3',
  })
}

/** Opens a connection with TLS to a server that is believed: it has seen no byte of a call when it isn't. */
export function openSecure(
  { host, port, connectWithin }: Goal,
  context: SecureContext,
  trust: ServerTrust | undefined,
  opened: Opened,
): void {
  const name = withoutBrackets(host)
  const socket = connectTls({
    host: name,
    port: Number(port),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    secureContext: context,
    // Node knows nothing of grid CAs, their policies and revocation lists: `distrust` decides.
    rejectUnauthorized: false,
  })
  const believe = async (): Promise<void> => {
    const why = trust && (await distrust(socket, name, trust))
    if (why !== undefined) throw new Error(`its certificate is not trusted: ${why}`)
  }
  whenOpen(socket, 'secureConnect', connectWithin, (error) => opened(error, socket), believe)
}

const withoutBrackets = (host: string | null | undefined): string => (host ?? 'localhost').replace(/^\[(.*)\]$/, '$1')

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
