import type { RequestListener } from 'node:http'
import express from 'express'
import { sErrorBody } from '../rpc/s-error-body.ts'

/** What the doors answer where no service is. The console, metrics and health find their place here. */
export function pages(): RequestListener {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use((_request, response) => {
    response.status(404)
    response.format({
      'text/plain': () => response.send('Not found: no service has this address.\n'),
      'application/json': () => response.send(sErrorBody('no service has this address')),
    })
  })
  return app
}
