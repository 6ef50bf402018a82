import type { ServerResponse } from 'node:http'
import type { Reply } from '../container/reply.ts'
import { sErrorBody } from '../rpc/s-error-body.ts'
import { closeAfter, lingerAfter } from './last-answer.ts'
import { declaredLength } from './read-body.ts'
import { writeHeadOf } from './write-answer.ts'

/** Bytes of a body up to which reading past it is cheaper for both sides than a new connection. */
const shortRest = 64 * 1024

/** Refuses requests, mostly before their body was read. */
export class Refuser {
  /** @param linger how long a caller may take to read what came before he had sent everything, ms; a second without */
  constructor(private readonly linger: number | undefined) {}

  /** A refusal that both generations of DIRAC clients understand: the status, and an S_ERROR for those who read the body. */
  refuse(response: ServerResponse, status: number, message: string, more: Record<string, string> = {}): void {
    const body = Buffer.from(sErrorBody(message))
    lingerAfter(response.req, this.linger)
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...more })
    response.end(body)
  }

  /** Refuses a request whose body isn't wanted, and closes. */
  refuseRest(response: ServerResponse, status: number, message: string): void {
    closeAfter(response)
    this.refuse(response, status, message)
  }

  /** The refusal of a call before its body was read. The connection is kept when the rest is short: Node reads past it then. */
  refuseUnread(response: ServerResponse, reply: Reply): void {
    const { req: request } = response
    const isShort = declaredLength(request) <= shortRest && request.headers['transfer-encoding'] === undefined
    if (!isShort || request.headers.expect !== undefined) closeAfter(response)
    lingerAfter(request, this.linger)
    writeHeadOf(response, reply)
    response.end(reply.body)
  }
}
