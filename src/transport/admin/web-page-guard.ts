import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { DhnError } from '../../service/errors.ts'
import { ContentTypeRefused, CrossSiteRequest, HostNotServed } from './admin-errors.ts'

/** What browsers put into requests that a page makes, and no other program does. */
const pageHeaders = ['origin', 'sec-fetch-site', 'sec-fetch-mode', 'access-control-request-method']

/** What a form can't send, nor a script without asking the node first, which the node denies. */
const takenTypes = ['application/json', 'application/octet-stream']

/**
 * Why a request is not taken that a web page may have made a browser send: browsers show their user's certificate for any
 * page that asks. Undefined: no page has.
 *
 * @param host the name by which clients know this machine
 */
export function refusalOfWebPage(request: IncomingMessage, host: string): DhnError | undefined {
  const asked = hostAsked(request)
  if (asked === undefined || !isOurs(asked, request, host)) return new HostNotServed(asked ?? 'named twice')
  const header = pageHeaders.find((name) => request.headers[name] !== undefined)
  if (header !== undefined) return new CrossSiteRequest(header)
  const type = request.headers['content-type'] ?? ''
  const plain = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (request.method === 'POST' && !takenTypes.includes(plain)) return new ContentTypeRefused(type.slice(0, 100))
  return undefined
}

/** The host without its port: a port may be forwarded. Undefined: there isn't exactly one. */
function hostAsked({ headersDistinct }: IncomingMessage): string | undefined {
  const [only, ...more] = headersDistinct.host ?? []
  if (only === undefined || more.length > 0) return undefined
  return only
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/** A name of the node's certificate or of its configuration, or the very address that the connection came to. */
function isOurs(asked: string, { socket }: IncomingMessage, host: string): boolean {
  if (asked === host.toLowerCase()) return true
  const local = socket.localAddress?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
  if (isIP(asked) !== 0) return asked === local
  if (asked === 'localhost') return local === '::1' || local.startsWith('127.')
  return (socket as Partial<TLSSocket>).getX509Certificate?.()?.checkHost(asked) !== undefined
}
