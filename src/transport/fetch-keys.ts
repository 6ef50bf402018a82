import { type RequestOptions, request } from 'node:https'
import { type ConnectionWish, tlsConnections } from '../client/connections.ts'
import type { ServerTrust } from '../client/server-trust.ts'
import { TokenKeysUnreadable } from '../security/errors.ts'

/** For the whole answer, ms. */
const within = 10_000
/** Bytes of an answer. */
const longest = 256 * 1024

/**
 * The text at an HTTPS address of an identity provider. Nothing is shown to the server, and no redirection is followed.
 *
 * @throws {TokenKeysUnreadable}
 */
export function fetchKeys(url: string, trust: ServerTrust): Promise<string> {
  const agent = tlsConnections({ trust, certificate: undefined })
  const signal = AbortSignal.timeout(within)
  const headers = { accept: 'application/json' }
  const options: RequestOptions & ConnectionWish = { agent, signal, headers, connectWithin: within }
  return new Promise((resolve, reject) => {
    const fail = (problem: string, cause?: unknown): void =>
      reject(new TokenKeysUnreadable(`${url}: ${problem}`, cause))
    const asked = request(url, options, (response) => {
      if (response.statusCode !== 200) {
        response.destroy()
        return fail(`the server answered ${response.statusCode}`)
      }
      const parts: Buffer[] = []
      let length = 0
      response.on('data', (part: Buffer) => {
        length += part.length
        parts.push(part)
        if (length > longest) response.destroy(new Error(`the answer is longer than ${longest} bytes`))
      })
      response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')))
      response.once('error', (error) => fail(error.message, error))
    })
    asked.once('error', (error) => fail(signal.aborted ? `no answer within ${within} ms` : error.message, error))
    asked.end()
  })
}
