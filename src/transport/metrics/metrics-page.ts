import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from '../../container/reply.ts'
import type { Refuser } from '../refuser.ts'
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

const notForYou = refuse(
  'DHN_METRICS_FORBIDDEN',
  'metrics are not for you: see /DHN/Metrics/Allow in the configuration of the node',
)

/** The metrics for `readers` only, which shows by the address that they ask from. */
export function guardedMetricsPage(metrics: Metrics, readers: Readers, refuser: Refuser): Page {
  const page = metricsPage(metrics)
  const mayRead = readersFilter(readers)
  const isForEveryone = readers.includes('*')
  return async (request, response) => {
    const isForwarded = !isForEveryone && forwarded.some((name) => request.headers[name] !== undefined)
    if (!isForwarded && mayRead(request.socket.remoteAddress)) return page(request, response)
    refuser.refuse(response, notForYou)
  }
}
