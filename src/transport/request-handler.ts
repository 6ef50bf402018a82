import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from '../container/dispatcher.ts'
import type { Endpoint } from '../container/endpoints.ts'
import { type Reply, refuse } from '../container/reply.ts'
import { overloaded } from '../container/traffic.ts'
import { isWithoutSetups, readForm, withQuery } from '../rpc/read-form.ts'
import type { Callers } from './callers.ts'
import { inflate } from './inflate.ts'
import { closeAfter, isEnding } from './last-answer.ts'
import { objectionTo } from './objection.ts'
import { originText } from './origin-text.ts'
import { declaredLength, type Room, readBody } from './read-body.ts'
import type { Refuser } from './refuser.ts'
import type { UnreadAnswers } from './unread-answers.ts'
import { writeAnswer } from './write-answer.ts'

export interface HandlerOptions {
  readonly dispatcher: Pick<Dispatcher, 'find' | 'overload' | 'dispatch'>
  /** Says who is at the other end of a connection. */
  readonly callers: Pick<Callers, 'ofRequest'>
  /** Takes every request whose pathname is no service's. */
  readonly pages: RequestListener
  /** Bytes. */
  readonly bodyLimit: number
  readonly headerCount: number
  readonly refuser: Refuser
  readonly unread: UnreadAnswers
  /** Whether the node is about to stop: answers then close their connection. */
  readonly isDraining: () => boolean
  /** A request or its answer made the handler throw, which is a defect: the caller gets 500. */
  readonly failed: (error: unknown) => void
}

/** Listeners of a server's events of the same names. */
export interface Handler {
  readonly request: RequestListener
  /** For callers who ask with `Expect: 100-continue` before they send the body. */
  readonly checkContinue: RequestListener
  /** For callers who expect anything else. */
  readonly checkExpectation: RequestListener
  /** For what is no request, or none in time. */
  readonly clientError: (error: Error, socket: Duplex) => void
}

/**
 * What a door does with a request: one look-up of the pathname as it was sent, never decoded; then body, form, dispatcher,
 * answer. Order and statuses are those of DIRAC's services.
 */
export function requestHandler(options: HandlerOptions): Handler {
  const { dispatcher, callers, pages, bodyLimit, headerCount, unread, refuser, isDraining, failed } = options

  /** Nothing that a request or a service does may end the node: a throw in an event's listener would. */
  const guard = (response: ServerResponse, work: () => void): void => {
    try {
      work()
    } catch (error) {
      failed(error)
      if (response.headersSent) response.destroy()
      else refuser.refuse(response, unanswered)
    }
  }

  const handle = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    if (isEnding(request.socket)) return
    if (isDraining()) closeAfter(response)
    const objection = objectionTo(request, headerCount)
    if (objection !== undefined) return refuser.refuseRest(response, objection)
    const target = request.url as string
    const endpoint = dispatcher.find(pathnameOf(target))
    if (endpoint === undefined) {
      refuser.lingerAfter(request)
      return pages(request, response)
    }
    if (request.method !== 'POST') return refuser.refuse(response, notPosted(request), { allow: 'POST' })
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && !encodings.test(encoding))
      return refuser.refuseRest(response, unknownEncoding(encoding))

    const length = declaredLength(request)
    const tooLong = (): void => refuser.refuseRest(response, tooLongFor(bodyLimit))
    if (length > bodyLimit) return tooLong()
    const overload = dispatcher.overload(endpoint, length)
    if (overload !== undefined) return refuser.refuseUnread(response, overload)
    if (waits) response.writeContinue()

    const room = endpoint.target?.traffic ?? anyRoom
    const refused = (why: 'too long' | 'no room' | 'damaged'): void => {
      if (why === 'too long') tooLong()
      else if (why === 'no room') refuser.refuseUnread(response, overloaded)
      else refuser.refuse(response, damaged)
    }
    const received = (body: Buffer): void => guard(response, () => dispatch(request, response, endpoint, body))
    const isPacked = encoding !== undefined && encoding !== 'identity'
    const read = isPacked ? (body: Buffer) => inflate(body, bodyLimit, room, received, refused) : received
    readBody(request, bodyLimit, room, read, refused)
  }

  const dispatch = (request: IncomingMessage, response: ServerResponse, endpoint: Endpoint, body: Buffer): void => {
    const target = request.url as string
    const inBody = readForm(body, request.headers['content-type'])
    const query = target.indexOf('?')
    const form = query === -1 ? inBody : withQuery(inBody, target.slice(query + 1))
    const { method, args, extraCredentials, rawContent, unreadable } = form
    if (method === undefined || unreadable !== undefined) {
      refuser.refuse(response, unreadable === undefined ? withoutMethod : unreadableField(unreadable))
      return
    }
    const call = {
      method,
      args,
      from: callers.ofRequest(request),
      extraCredentials: extraCredentials || undefined,
      rawContent: Boolean(rawContent),
      origin: originOf(request, body, method, endpoint),
    }
    dispatcher.dispatch(endpoint, call, (reply) =>
      guard(response, () => {
        if (isDraining()) closeAfter(response)
        writeAnswer(request, response, reply, unread)
      }),
    )
  }

  return {
    request: (request, response) => guard(response, () => handle(request, response, false)),
    checkContinue: (request, response) => guard(response, () => handle(request, response, true)),
    checkExpectation: (_request, response) => guard(response, () => refuser.refuseRest(response, expectsMore)),
    clientError: (error, socket) => refuser.refuseConnection(error, socket as Socket),
  }
}

/** Told where it is asked for: by the service, or by the `ping` of 9.1, whose answer names the address. */
function originOf(request: IncomingMessage, body: Buffer, method: string, endpoint: Endpoint): string | undefined {
  const pings = method === 'ping' && isWithoutSetups(body)
  if (!pings && !endpoint.target?.asksOrigin) return undefined
  return pings ? `${originText(request)},"tellsURL":true` : originText(request)
}

/** Without the query; of `http://host/path`, which a server must take as well, the path. */
function pathnameOf(target: string): string {
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  if (path.startsWith('/')) return path
  return /^https?:\/\/[^/]+(\/.*)?$/i.exec(path)?.[1] ?? '/'
}

/** Characters of an encoding that are told: it comes from the caller. */
const longestEncoding = 100
const unanswered = refuse('DHN_CALL_UNANSWERED', 'the call could not be answered')
const damaged = refuse('DHN_BODY_DAMAGED', 'the body is damaged: it is not what its content encoding says')
const withoutMethod = refuse('DHN_FORM_UNREADABLE', 'the field method is missing')
const expectsMore = refuse('DHN_EXPECTATION_UNKNOWN', 'nothing can be expected but 100-continue')
const unreadableField = (name: string): Reply => refuse('DHN_FORM_UNREADABLE', `the field ${name} is not UTF-8`)
const notPosted = ({ method }: IncomingMessage): Reply => refuse('DHN_NOT_POSTED', `${method} is not allowed`)
const unknownEncoding = (name: string): Reply =>
  refuse('DHN_ENCODING_UNKNOWN', `content encoding ${name.slice(0, longestEncoding)} is not accepted`)
const tooLongFor = (limit: number): Reply => refuse('DHN_BODY_TOO_LONG', `the body is longer than ${limit} bytes`)

/** What a body may come as: as it is, or compressed. */
const encodings = /^(?:identity|(?:x-)?gzip)$/i

/** Nothing is served at the address any more, which the dispatcher will say. */
const anyRoom: Room = { hold: () => true, release: () => undefined }
