import { randomUUID } from 'node:crypto'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import helmet from 'helmet'
import type { z } from 'zod'
import type { NodeLog } from '../../container/node-log.ts'
import { DhnError, type ErrorData, errorAsData } from '../../service/errors.ts'
import { RequestInvalid, RouteUnknown, VerbNotAllowed } from '../errors.ts'
import { httpStatus } from '../http-status.ts'
import { lingerAfter } from '../last-answer.ts'
import { AdminAudit } from './admin-audit.ts'
import type { Admit } from './admission.ts'
import { follow } from './follow.ts'
import { openApi } from './openapi.ts'
import type { AdminContext, Route } from './route.ts'
import { routes } from './routes.ts'
import { sendLines, sendText } from './send-text.ts'

const base = '/admin/v1'
const description = `${base}/openapi.json`

export interface AdminApiOptions {
  /** The version of dhn. */
  readonly version: string
  readonly log: NodeLog
  readonly admit: Admit
}

/** The admin API as an express app: routes from their table, errors as data, never a stack. */
export function adminApi(context: AdminContext, { version, log, admit }: AdminApiOptions): Express {
  const app = express()
  app.use(helmet())
  app.set('etag', false)
  const audits = new WeakMap<Request, AdminAudit>()
  app.use((request, response, next) => {
    const id = randomUUID()
    response.set('x-request-id', id)
    const admission = admit(request, response)
    audits.set(
      request,
      new AdminAudit(context.audit, context.refusals, admission, id, `${request.method} ${request.path}`),
    )
    if (admission.refused !== undefined) throw admission.refused
    next()
  })
  const document = openApi(routes, version)
  app.get(description, (_request, response) => void response.json(document))
  for (const route of routes)
    app[route.verb](expressPath(route), (request, response) => serve(route, request, response))
  for (const [path, verbs] of verbsByPath()) {
    app.all(path, (request, response) => {
      response.set('allow', verbs.join(', '))
      throw new VerbNotAllowed(request.method, verbs)
    })
  }
  app.use((request) => {
    throw new RouteUnknown(request.path)
  })
  app.use(onError(log, (request, error) => audits.get(request)?.failed(error)))
  return app

  async function serve(route: Route, request: Request, response: Response): Promise<void> {
    const params = checked(route.params, request.params)
    const query = checked(route.query, request.query)
    const away = new AbortController()
    response.once('close', () => away.abort())
    await audits.get(request)?.begins(route, params, query)
    const answer = await route.run(context, { params, query, request, gone: away.signal })
    audits.get(request)?.ended(answer, context.node)
    if ('follow' in answer) follow(answer.follow, response)
    else if ('lines' in answer) await sendLines(answer.lines, response)
    else if ('text' in answer) await sendText(answer.text, response)
    else response.status(answer.status).json(answer.value)
  }
}

const expressPath = ({ path }: Route): string => base + path.replaceAll(/\{(\w+)\}/g, ':$1')

function verbsByPath(): Map<string, string[]> {
  const verbs = new Map<string, string[]>([[description, ['GET', 'HEAD']]])
  for (const route of routes) {
    const path = expressPath(route)
    const more = route.verb === 'get' ? ['GET', 'HEAD'] : [route.verb.toUpperCase()]
    verbs.set(path, [...(verbs.get(path) ?? []), ...more])
  }
  return verbs
}

function checked(schema: z.ZodObject, given: unknown): Readonly<Record<string, unknown>> {
  const { success, data, error } = schema.safeParse(given)
  if (success) return data
  const issue = error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw new RequestInvalid(issue.keys[0] ?? '', 'there is no such field')
  throw new RequestInvalid(String(issue?.path[0] ?? ''), issue?.message ?? 'it is not as it should be')
}

function onError(log: NodeLog, failed: (request: Request, error: ErrorData) => void): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = asDhnError(thrown)
    const data = errorAsData(error)
    const status = httpStatus(data.code)
    failed(request, data)
    if (status === 500) log.error({ err: thrown, method: request.method, path: request.path }, 'a request failed')
    if (response.headersSent) {
      response.destroy()
      return
    }
    const body = Buffer.from(JSON.stringify(data))
    response.status(status).type('json').set('content-length', String(body.length))
    response.shouldKeepAlive = request.complete
    lingerAfter(request)
    response.end(body)
  }
}

/** express itself throws for a path that can't be decoded; such errors have a status. */
function asDhnError(error: unknown): unknown {
  if (error instanceof DhnError || !(error instanceof Error)) return error
  const { status } = error as { readonly status?: unknown }
  return status === 400 ? new RequestInvalid('', error.message) : error
}
