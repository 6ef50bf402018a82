import { randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { chainOf } from '../callers.ts'

/** The one header that fronts add to what they hand on; whoever else sends it is refused, and fronts take it out. */
export const frontHeader = 'x-dhn-front'

/** The other side of a connection as its front sees it. */
interface OtherSide {
  readonly token: string
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  /** Given for HTTPS: the chain as it was sent, in base64, and whether the session is an earlier one's. */
  readonly tls?: { readonly chain: readonly string[]; readonly reused: boolean } | undefined
}

export const newToken = (): string => randomBytes(32).toString('base64url')

/** What a front says of who asks. */
export function otherSideOf(socket: Socket, token: string): string {
  const { remoteAddress, remotePort, localAddress } = socket
  const secure = socket as Partial<TLSSocket>
  const tls =
    secure.encrypted === true
      ? {
          chain: (chainOf(socket as TLSSocket) ?? []).map((one) => one.toString('base64')),
          reused: (socket as TLSSocket).isSessionReused(),
        }
      : undefined
  return JSON.stringify({ token, remoteAddress, remotePort, localAddress, tls } satisfies OtherSide)
}

/**
 * Makes the connection that a front has made for one request look as the caller's own does, to everybody who asks it who is
 * there. False: the request doesn't come from a front.
 *
 * @param host the node's own certificate, which a caller sees
 */
export function takeOver(request: IncomingMessage, token: string, host: Buffer | string | undefined): boolean {
  const told = request.headersDistinct[frontHeader]
  const side = told?.length === 1 ? parsed(told[0] as string) : undefined
  if (side === undefined || !isSame(side.token, token)) return false
  delete request.headers[frontHeader]
  delete request.headersDistinct[frontHeader]
  request.rawHeaders = withoutHeader(request.rawHeaders, (name) => name === frontHeader)
  const { remoteAddress, remotePort, localAddress, tls } = side
  const looks: Record<string, unknown> = { remoteAddress, remotePort, localAddress }
  if (tls !== undefined) {
    looks.encrypted = true
    looks.isSessionReused = () => tls.reused
    looks.getPeerX509Certificate = () => linked(tls.chain)
    looks.getX509Certificate = () => (host === undefined ? undefined : new X509Certificate(host))
  }
  for (const [name, value] of Object.entries(looks))
    Object.defineProperty(request.socket, name, { value, configurable: true })
  return true
}

/** Names and values in turn, without those whose name, in small letters, `goes`. */
export function withoutHeader(rawHeaders: readonly string[], goes: (name: string) => boolean): string[] {
  return rawHeaders.filter((_, at) => !goes((rawHeaders[at - (at % 2)] as string).toLowerCase()))
}

function parsed(text: string): OtherSide | undefined {
  try {
    const side = JSON.parse(text) as OtherSide
    return typeof side?.token === 'string' ? side : undefined
  } catch {
    return undefined
  }
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)]
  return first.length === second.length && timingSafeEqual(first, second)
}

/** As Node has a chain: each certificate with the one that comes after it. */
function linked(chain: readonly string[]): unknown {
  return chain.reduceRight<unknown>(
    (issuerCertificate, one) => ({ raw: Buffer.from(one, 'base64'), issuerCertificate }),
    undefined,
  )
}
