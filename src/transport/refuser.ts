import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Dispatcher } from '../container/dispatcher.ts'
import { type Reply, refuse } from '../container/reply.ts'
import type { Callers } from './callers.ts'
import { closeAfter, endWith, isEnding, lingerAfter } from './last-answer.ts'
import { declaredLength } from './read-body.ts'
import { writeHeadOf } from './write-answer.ts'

/** Bytes of a body up to which reading past it is cheaper for both sides than a new connection. */
const shortRest = 64 * 1024
/** Characters of an address that are told: it comes from the caller. */
const longestAddress = 200

/** Refuses requests, mostly before their body was read. Each refusal has an id by which the operator finds why. */
export class Refuser {
  /** @param linger how long a caller may take to read what came before he had sent everything, ms; a second without */
  constructor(
    private readonly dispatcher: Pick<Dispatcher, 'refused'>,
    private readonly callers: Pick<Callers, 'ofRequest' | 'of'>,
    private readonly linger?: number,
  ) {}

  /** A refusal that both generations of DIRAC clients understand: the status, and an S_ERROR for those who read the body. */
  refuse(response: ServerResponse, reply: Reply, more?: Readonly<Record<string, string>>): void {
    const noted = this.noted(response.req, reply)
    this.lingerAfter(response.req)
    writeHeadOf(response, noted, noted.body.length, more)
    response.end(noted.body)
  }

  /** Refuses a request whose body isn't wanted, and closes. */
  refuseRest(response: ServerResponse, reply: Reply): void {
    closeAfter(response)
    this.refuse(response, reply)
  }

  /** The refusal of a call before its body was read. The connection is kept when the rest is short: Node reads past it then. */
  refuseUnread(response: ServerResponse, reply: Reply): void {
    const { req: request } = response
    const isShort = declaredLength(request) <= shortRest && request.headers['transfer-encoding'] === undefined
    if (!isShort || request.headers.expect !== undefined) closeAfter(response)
    this.refuse(response, reply)
  }

  /** Refuses what can't be read as a request, or doesn't come in time, and closes. */
  refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
    const reply = refusalOf(error)
    // Behind a last answer may come whatever likes to: the answer has to go out all the same.
    if (isEnding(socket) && reply !== undefined && reply !== tooSlow) return
    // Node knows which answer is under way, and tells nobody else.
    const { _httpMessage: under } = socket as { _httpMessage?: ServerResponse | null }
    if (reply === undefined || isEnding(socket) || !socket.writable || under?.headersSent) {
      socket.destroy(error)
      return
    }
    const { status, body, request } = this.dispatcher.refused('no request', this.callers.of(socket), reply)
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `X-Request-Id: ${request}`,
    ]
    endWith(socket, `${head.join('\r\n')}\r\n\r\n${Buffer.from(body).toString()}`)
  }

  /** The answer of `request` may come before all of it was read. */
  lingerAfter(request: IncomingMessage): void {
    lingerAfter(request, this.linger)
  }

  /** `reply` with its id. */
  noted(request: IncomingMessage, reply: Reply): Reply {
    if (reply.request !== undefined) return reply
    const { method, url = '' } = request
    const [path = ''] = url.split('?', 1)
    return this.dispatcher.refused(`${method} ${path.slice(0, longestAddress)}`, this.callers.ofRequest(request), reply)
  }
}

const tooLong = refuse('DHN_HEADERS_TOO_LONG', 'the headers are too long')
const tooSlow = refuse('DHN_REQUEST_TOO_SLOW', 'the request did not come in time')
const tooManyExtensions = refuse('DHN_BODY_TOO_LONG', 'the chunks of the body have too long extensions')
const notHttp = refuse('DHN_NOT_HTTP', 'this is no HTTP/1.1')

/** Of what Node says is wrong with a connection; undefined where nobody is there to be told, or no handshake was done. */
function refusalOf({ code = '' }: NodeJS.ErrnoException): Reply | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return tooLong
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return tooManyExtensions
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return tooSlow
  return code.startsWith('HPE_') ? notHttp : undefined
}
