import type { RequestListener } from 'node:http'
import express from 'express'
import { inject, injectable } from 'inversify'
import { Dispatcher, notHere } from '../container/dispatcher.ts'
import { RemoteAdmin } from './admin/remote-admin.ts'
import { Callers } from './callers.ts'
import { TransportConfiguration } from './configuration.ts'
import { Health } from './health.ts'
import { Metrics } from './metrics/metrics.ts'
import { guardedMetricsPage } from './metrics/metrics-page.ts'
import { Refuser } from './refuser.ts'

const isAdmin = /^\/admin(?:[/?]|$)/

/** What the doors answer where no service is: the admin API, probes, metrics, and that there is nothing. The console finds its place here. */
@injectable()
export class Pages {
  readonly handler: RequestListener

  constructor(
    @inject(TransportConfiguration) configuration: TransportConfiguration,
    @inject(Health) health: Health,
    @inject(Metrics) metrics: Metrics,
    @inject(RemoteAdmin) admin: RemoteAdmin,
    @inject(Dispatcher) dispatcher: Dispatcher,
    @inject(Callers) callers: Callers,
  ) {
    const refuser = new Refuser(dispatcher, callers)
    const app = express()
    app.disable('x-powered-by')
    app.disable('etag')
    // That it can be answered is the answer.
    app.get('/healthz', (_request, response) => {
      response.set('cache-control', 'no-store').json({ alive: true, uptime: Math.floor(process.uptime()) })
    })
    app.get('/readyz', (_request, response) => {
      const readiness = health.readiness()
      response
        .status(readiness.ready ? 200 : 503)
        .set('cache-control', 'no-store')
        .json(readiness)
    })
    app.get('/metrics', guardedMetricsPage(metrics, configuration.metrics.readers, refuser))
    app.use((request, response) => {
      const { status, body, request: id } = refuser.noted(request, notHere)
      response.status(status).set('x-request-id', id)
      const answer = (): unknown => response.type('application/json').send(Buffer.from(body))
      // Who posts is a client of services, and takes whatever comes.
      if (request.method === 'POST') {
        answer()
        return
      }
      const page = (): unknown => response.send('Not found: no service has this address.\n')
      response.format({ 'text/plain': page, 'application/json': answer })
    })
    this.handler = (request, response) =>
      isAdmin.test(request.url ?? '') ? admin.handler(request, response) : app(request, response)
  }
}
