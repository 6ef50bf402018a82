import { type IncomingHttpHeaders, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'

export interface PostAs {
  /** PEM: certificate, chain and key in one. */
  readonly credential?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

/** A form that is POSTed to a door, whatever its certificate; without a form a GET. */
export function post(
  address: string,
  form: string | undefined,
  { credential, headers = {} }: PostAs = {},
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  const shown = credential === undefined ? {} : { cert: credential, key: credential }
  const request = address.startsWith('https:') ? secureRequest : plainRequest
  const head = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const asked = request(
      address,
      {
        method: form === undefined ? 'GET' : 'POST',
        agent: false,
        rejectUnauthorized: false,
        headers: { ...head, ...(headers as Record<string, string | string[]>) },
        ...shown,
      } as object,
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      },
    )
    asked.once('error', reject).end(form)
  })
}
