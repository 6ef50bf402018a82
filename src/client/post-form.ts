import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { DhnError } from '../service/errors.ts'
import type { Connections, ConnectionWish } from './connections.ts'

export interface PostOptions {
  readonly connections: Connections
  readonly token: string | undefined
  /** Milliseconds to connect, and without a byte until the answer. */
  readonly timeout: number
}

export interface Posted {
  readonly status: number
  /** The words beside the status. */
  readonly reason: string
  /** Decompressed. To be read or destroyed. */
  readonly body: Readable
}

/** A call that no server has seen: it may be sent to another one. */
export class CallNotSent extends DhnError {
  readonly code = 'DHN_CALL_NOT_SENT'
  constructor(
    readonly address: string,
    cause: Error,
  ) {
    const { code, reason, message } = cause as NodeJS.ErrnoException & { readonly reason?: string }
    // OpenSSL's own words have places of its source code around them.
    super(`${address} can't be called: ${isTlsAlert(cause) && reason ? `it says ${reason}` : message || code}`, {
      cause,
    })
  }
}

/**
 * Posts a form as DIRAC's clients do; resolves when the answer begins.
 *
 * @throws {CallNotSent} it was not executed, whatever the reason
 */
export function postForm(address: URL, form: string, { connections, token, timeout }: PostOptions): Promise<Posted> {
  const request = address.protocol === 'https:' ? requestTls : requestPlain
  return new Promise((resolve, reject) => {
    const options: RequestOptions & ConnectionWish = {
      method: 'POST',
      agent: connections,
      timeout,
      connectWithin: timeout,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': Buffer.byteLength(form),
        'Accept-Encoding': 'gzip, deflate',
        Accept: '*/*',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    }
    const call = request(address, options)
    // A connection is given to a call when it is open.
    let sent = false
    call.once('socket', () => {
      sent = true
    })
    call.once('response', (answer) => {
      const { statusCode = 0, statusMessage = '' } = answer
      resolve({ status: statusCode, reason: statusMessage, body: decompressed(answer) })
    })
    call.once('timeout', () => call.destroy(new Error(`no answer within ${timeout / 1000} s`)))
    call.on('error', (error: NodeJS.ErrnoException) => {
      const refused = !call.reusedSocket && isTlsAlert(error)
      reject(!sent || refused ? new CallNotSent(address.href, error) : error)
    })
    call.end(form)
  })
}

/** With TLS 1.3 a server refuses a certificate after the client has begun to send; it reads nothing of that. */
const isTlsAlert = ({ code = '' }: NodeJS.ErrnoException): boolean => /^ERR_SSL_.*ALERT/.test(code)

function decompressed(answer: IncomingMessage): Readable {
  const encoding = answer.headers['content-encoding']?.toLowerCase()
  const unpack = encoding === 'gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : undefined
  if (unpack === undefined) return answer
  answer.once('error', (error) => unpack.destroy(error))
  answer.once('aborted', () => unpack.destroy(new Error('the answer ended before its end')))
  unpack.once('close', () => answer.destroy())
  return answer.pipe(unpack)
}
