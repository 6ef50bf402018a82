import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { createGzip, gzip } from 'node:zlib'
import type { Reply } from '../container/reply.ts'
import type { UnreadAnswers } from './unread-answers.ts'

/** Bytes from which an answer is compressed for who accepts that, and how much: as DIRAC's servers do. */
const worthIt = 1024
const level = { level: 6 }
/** Bytes up to which one copy more is cheaper than one write more. */
const shortAnswer = 16 * 1024

/** Sends the answer to a call: at once, compressed, or part by part as its caller reads it. */
export function writeAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  unread: UnreadAnswers,
): void {
  const { stream } = reply
  if (response.destroyed) {
    stream?.body.destroy()
  } else if (stream !== undefined) {
    writeStream(request, response, reply, stream, unread)
  } else if (reply.body.length >= worthIt && mayCompress(reply)) {
    writeCompressible(request, response, reply, unread)
  } else {
    writeHeadOf(response, reply)
    writeBody(response, bytesOf(reply.body), unread)
  }
}

type Headers = Record<string, string | number | string[]>

/** The status line and headers of an answer. `length` is its body's, null when it isn't known. */
export function writeHeadOf(
  response: ServerResponse,
  reply: Reply,
  length: number | null = reply.body.length,
  more?: Readonly<Record<string, string>>,
): void {
  const headers: Headers = { 'content-type': reply.contentType }
  if (length !== null) headers['content-length'] = length
  if (reply.retryAfter !== undefined) headers['retry-after'] = reply.retryAfter
  if (reply.request !== undefined) headers['x-request-id'] = reply.request
  if (more !== undefined) Object.assign(headers, more)
  if (reply.headers !== undefined) addTo(headers, reply.headers)
  if (reply.reason === undefined) response.writeHead(reply.status, headers)
  else response.writeHead(reply.status, reply.reason, headers)
}

/** Several of one name are all sent. */
function addTo(headers: Headers, own: NonNullable<Reply['headers']>): void {
  for (const [name, value] of own) {
    const known = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = known === undefined ? value : [known, value].flat().map(String)
  }
}

function writeBody(response: ServerResponse, body: Buffer, unread: UnreadAnswers): void {
  // Node sends head and body in one piece when the body is a text, and in two when it is bytes: a tenth of a short call.
  if (body.length <= shortAnswer) {
    response.end(body.toString('latin1'), 'latin1')
    return
  }
  response.end(body)
  // What the operating system has taken at once waits for nobody here.
  if (response.writableLength > 0) unread.add(response, body.length)
}

function writeCompressible(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  unread: UnreadAnswers,
): void {
  const vary = { vary: 'Accept-Encoding' }
  const body = bytesOf(reply.body)
  if (!acceptsGzip(request)) {
    writeHeadOf(response, reply, body.length, vary)
    writeBody(response, body, unread)
    return
  }
  // Not in this thread: other calls go on meanwhile.
  gzip(body, level, (error, packed) => {
    if (response.destroyed) return
    const sent = error === null ? packed : body
    const encoding: Record<string, string> = error === null ? { 'content-encoding': 'gzip' } : {}
    writeHeadOf(response, reply, sent.length, { ...vary, ...encoding })
    writeBody(response, sent, unread)
  })
}

/** Without a length when there is none to know. Whoever goes away, or reads nothing for too long, ends the stream too. */
function writeStream(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  { body, length }: NonNullable<Reply['stream']>,
  unread: UnreadAnswers,
): void {
  unread.watch(response)
  // A body that breaks off ends the connection, which is what tells the caller.
  const ended = (): void => undefined
  if (mayCompress(reply) && acceptsGzip(request)) {
    writeHeadOf(response, reply, null, { vary: 'Accept-Encoding', 'content-encoding': 'gzip' })
    pipeline(body, createGzip(level), response, ended)
  } else {
    writeHeadOf(response, reply, length ?? null)
    pipeline(body, response, ended)
  }
}

const compressible =
  /^(?:text\/|application\/(?:json|javascript|x-javascript|xml|xhtml\+xml|atom\+xml)\b|image\/svg\+xml\b)/i

function mayCompress({ contentType, headers }: Reply): boolean {
  return compressible.test(contentType) && !(headers ?? []).some(([name]) => name.toLowerCase() === 'content-encoding')
}

/** `gzip;q=0` says no. */
function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(headers['accept-encoding'] ?? ''))
}

function bytesOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}
