import type { IncomingMessage } from 'node:http'
import { type Reply, refuse } from '../container/reply.ts'

const manyHeaders = refuse('DHN_HEADERS_TOO_LONG', 'too many headers')
const otherVersion = refuse('DHN_HTTP_VERSION_UNKNOWN', 'only HTTP/1.0 and HTTP/1.1 are spoken')
const manyHosts = refuse('DHN_HOSTS_DIFFER', 'there is more than one Host header')
const otherCoding = refuse('DHN_CODING_UNKNOWN', 'no transfer coding is known but chunked')

/**
 * Why a request is refused whatever it asks for.
 *
 * What Node's parser lets through and should not: other versions and protocols than HTTP/1, several hosts (RFC 9112 3.2),
 * codings that nobody has undone (RFC 9112 6.1), of which a proxy before this node may think otherwise, and headers without
 * number, which Node itself would drop without a word.
 */
export function objectionTo(request: IncomingMessage, headerCount: number): Reply | undefined {
  const { rawHeaders } = request
  // Names and values in turn.
  if (rawHeaders.length > 2 * headerCount) return manyHeaders
  if (request.httpVersionMajor !== 1 || request.httpVersionMinor > 1) return otherVersion
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1
  }
  if (hosts > 1) return manyHosts
  const coding = request.headers['transfer-encoding']
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : otherCoding
}
