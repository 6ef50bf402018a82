import type { IncomingMessage, ServerResponse } from 'node:http'
import { sErrorBody } from '../../rpc/s-error-body.ts'
import type { Metrics } from './metrics.ts'
import { type Readers, readersFilter } from './readers.ts'

type Page = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** The metrics for everyone who can ask: who can open the admin socket. */
export function metricsPage(metrics: Metrics): Page {
  return async (_request, response) => {
    const body = Buffer.from(await metrics.text())
    response.writeHead(200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
    })
    response.end(body)
  }
}

/** What a proxy says of whom it asks for: then the address of the connection is the proxy's. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** The metrics for `readers` only, which shows by the address that they ask from. */
export function guardedMetricsPage(metrics: Metrics, readers: Readers): Page {
  const page = metricsPage(metrics)
  const mayRead = readersFilter(readers)
  const isForEveryone = readers.includes('*')
  return async (request, response) => {
    const isForwarded = !isForEveryone && forwarded.some((name) => request.headers[name] !== undefined)
    if (!isForwarded && mayRead(request.socket.remoteAddress)) return page(request, response)
    const body = Buffer.from(
      sErrorBody('metrics are not for you: see /DHN/Metrics/Allow in the configuration of the node'),
    )
    response.writeHead(403, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }
}
