import {
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as send,
} from 'node:http'
import { sErrorBody } from '../../rpc/s-error-body.ts'
import { closeAfter, lingerAfter } from '../last-answer.ts'
import { frontHeader, otherSideOf, withoutHeader } from './handed-request.ts'
import type { HandOnTo } from './messages.ts'

/** What belongs to one connection and not to the request (RFC 9110, 7.6.1), but for the framing. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'trailer'])

/**
 * Hands requests on to the node that a front can't answer: pages, the admin API, and services that only the node can call.
 * Each on a connection of its own, as it comes: bodies and answers pass through piece by piece. The node may answer before
 * it has the whole body; the caller gets that answer as the node itself would give it to him.
 */
export function handOn({ socket, token }: HandOnTo): RequestListener {
  return (request, response) => {
    const kept = withoutHeader(request.rawHeaders, (name) => ofConnection.has(name) || name === frontHeader)
    const onward = send({
      socketPath: socket,
      method: request.method as string,
      path: request.url as string,
      // Kept open by the node, which says with its answer whether it would close: so nothing of an answer gets lost.
      headers: [...kept, frontHeader, otherSideOf(request.socket, token), 'connection', 'keep-alive'] as never,
      setHost: false,
      agent: false,
    })
    onward.on('continue', () => response.writeContinue())
    onward.on('response', (answer) => passBack(answer, onward, response))
    onward.on('error', () => unreachable(response))
    response.once('close', () => onward.destroy())
    // Also when nothing of the body has come yet: what is asked may be enough for an answer.
    onward.flushHeaders()
    request.pipe(onward)
  }
}

function passBack(answer: IncomingMessage, onward: ClientRequest, response: ServerResponse): void {
  const { req: request } = response
  if (answer.headers.connection === 'close') closeAfter(response)
  // How an answer without a length is framed depends on the caller's version of HTTP.
  const headers = withoutHeader(answer.rawHeaders, (name) => ofConnection.has(name) || name === 'transfer-encoding')
  lingerAfter(request)
  response.writeHead(answer.statusCode as number, answer.statusMessage, headers)
  answer.on('error', () => response.destroy())
  answer.once('end', () => {
    // The node is done with the request; what its caller still sends is thrown away here.
    request.unpipe(onward)
    onward.destroy()
    request.resume()
  })
  answer.pipe(response)
}

/** The node is gone, which ends this front as well, or it has cut the request. */
function unreachable(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const body = Buffer.from(sErrorBody('the node can not be reached'))
  response.shouldKeepAlive = false
  response.writeHead(502, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
