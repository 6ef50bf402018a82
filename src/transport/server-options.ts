import type { ServerOptions } from 'node:http'
import type { HttpLimits } from './configuration.ts'

/** Node answers what isn't HTTP with 400, too many bytes of headers with 431, a late request with 408, and closes. */
export function serverOptions({
  headerLimit,
  headersTimeout,
  requestTimeout,
  keepAliveTimeout,
}: HttpLimits): ServerOptions {
  const inTime = Math.min(headersTimeout, requestTimeout)
  return {
    maxHeaderSize: headerLimit,
    headersTimeout: inTime,
    requestTimeout,
    keepAliveTimeout,
    connectionsCheckingInterval: Math.min(2000, Math.ceil(inTime / 4)),
    requireHostHeader: true,
  }
}
