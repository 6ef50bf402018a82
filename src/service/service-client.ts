import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { isReturnStructure, type ReturnStructure, S_ERROR } from './return-structure.ts'

export interface ServiceClientOptions {
  /** Milliseconds without a byte until a call is given up; 600,000 by default. */
  readonly timeout?: number
  /** The largest answer taken, bytes; 100 MiB by default. */
  readonly largestAnswer?: number
}

interface Door {
  request(url: URL, options: RequestOptions, answered: (response: IncomingMessage) => void): ClientRequest
  readonly agent: Agent
}

const doors = new Map<string, Promise<Door>>()

/**
 * Calls the methods of a service by its real wire: a form POST of `method` and `args`, as DIRAC clients send it.
 * Connections are kept and shared by all clients of the process. Stubs packages are made with it.
 *
 *     const counter = new ServiceClient(await NAL.getAddress('Samples/Counter'))
 *     const added = await counter.call<number>('add', [1])
 */
export class ServiceClient {
  readonly address: URL
  readonly #timeout: number
  readonly #largestAnswer: number

  constructor(address: string | URL, options: ServiceClientOptions = {}) {
    this.address = new URL(address)
    this.#timeout = options.timeout ?? 600_000
    this.#largestAnswer = options.largestAnswer ?? 100 * 1024 * 1024
  }

  /**
   * Never rejects: whatever goes wrong, the connection included, is an S_ERROR. A call that failed on its way may have
   * been executed; it is never sent twice.
   */
  async call<T = unknown>(method: string, args: readonly unknown[] = []): Promise<ReturnStructure<T>> {
    try {
      const form = new URLSearchParams({ method, args: JSON.stringify(args) }).toString()
      const { status, text } = await this.#post(form)
      return asReturnStructure(this.address, status, text) as ReturnStructure<T>
    } catch (error) {
      return S_ERROR(`${this.address}: ${error instanceof Error ? error.message || error.name : String(error)}`)
    }
  }

  async #post(form: string): Promise<{ status: number; text: string }> {
    const { request, agent } = await doorFor(this.address.protocol)
    return new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': Buffer.byteLength(form),
        Accept: '*/*',
      }
      // Not destroyed with the error: a socket that has ended already would throw it at no one.
      const giveUp = (why: string): void => {
        reject(new Error(why))
        call.destroy()
      }
      const call = request(this.address, { method: 'POST', headers, agent, timeout: this.#timeout }, (response) => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length > this.#largestAnswer) giveUp(`an answer of more than ${this.#largestAnswer} bytes`)
        })
        response.on('error', reject)
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        )
      })
      call.on('timeout', () => giveUp(`no answer within ${this.#timeout} ms`))
      call.on('error', reject)
      call.end(form)
    })
  }
}

/** One call without a client of its own: `callService(address, 'add', [1])`. */
export async function callService<T = unknown>(
  address: string | URL,
  method: string,
  args: readonly unknown[] = [],
): Promise<ReturnStructure<T>> {
  return new ServiceClient(address).call<T>(method, args)
}

/** Loaded at the first call: a service that calls nobody pays nothing. */
function doorFor(protocol: string): Promise<Door> {
  const known = doors.get(protocol)
  if (known !== undefined) return known
  const made = (async (): Promise<Door> => {
    if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`can't call an address of ${protocol}`)
    const { request, Agent } = protocol === 'https:' ? await import('node:https') : await import('node:http')
    return { request, agent: new Agent({ keepAlive: true }) }
  })()
  doors.set(protocol, made)
  return made
}

function asReturnStructure(address: URL, status: number, text: string): ReturnStructure {
  try {
    const value: unknown = JSON.parse(text)
    if (isReturnStructure(value)) return value
  } catch {
    // Said below, with the status: a page of some proxy, or a method that answers with plain text.
  }
  return S_ERROR(`${address} answered with status ${status} and no return structure: ${text.slice(0, 200)}`)
}
