import { request as httpRequest } from 'node:http'
import { CallFailed } from '../errors.ts'

export interface Posted {
  readonly status: number
  readonly body: string
}

export interface PostOptions {
  readonly certificates: readonly string[]
  readonly seconds: number
}

/**
 * Posts a form as DIRAC's clients do and reads the whole answer.
 *
 * @throws {CallFailed} there was none
 */
export async function post(
  address: string,
  form: Readonly<Record<string, string>>,
  { certificates, seconds }: PostOptions,
): Promise<Posted> {
  const body = Buffer.from(new URLSearchParams(form).toString())
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const signal = AbortSignal.timeout(seconds * 1000)
  const options = { method: 'POST', agent: false, headers, signal } as const
  const request = address.startsWith('https:')
    ? (await import('node:https')).request(address, { ...options, ca: [...certificates] })
    : httpRequest(address, options)
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const why = signal.aborted ? `gave no answer within ${seconds} s` : `can't be called: ${error.message}`
      reject(new CallFailed(`${address} ${why}`, address, undefined, 'check the address, and the node: dhn status'))
    }
    request.once('error', failed)
    request.once('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', failed)
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
    })
    request.end(body)
  })
}
