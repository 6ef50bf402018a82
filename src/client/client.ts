import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { CfgSection } from '../cfg/cfg.ts'
import { valueAt } from '../cfg/options.ts'
import { jencode } from '../rpc/jencode/encode.ts'
import { type ReturnError, type ReturnOk, S_ERROR, S_OK } from '../service/return-structure.ts'
import { answerOf, failureOf, wasNotExecuted } from './answer-of.ts'
import { Bans } from './bans.ts'
import { type ClientOptions, handshakeOptions, withServerOptions } from './client-options.ts'
import { plainConnections, tlsConnections } from './connections.ts'
import { extraCredentials } from './extra-credentials.ts'
import type { JsonPatches } from './json-patches.ts'
import { localConfiguration } from './local-configuration.ts'
import { CallNotSent, type Posted, postForm } from './post-form.ts'
import { type RpcStub, stubOf } from './rpc-stub.ts'
import { caDirectory } from './server-trust.ts'
import { serviceAddresses } from './service-addresses.ts'
import { shownCredential } from './shown-credential.ts'
import { ofThisProcess } from './surroundings.ts'

/** An S_ERROR. */
export interface CallError extends ReturnError {
  /** The status that it came with where that was not 200; 0 where no server answered. */
  readonly Status?: number
}

/** With the call itself, which `executeRPCStub` makes again: hidden, so that it doesn't go where the answer goes. */
export type CallAnswer<T> = (ReturnOk<T> | CallError) & { readonly rpcStub?: RpcStub }

/** What is done with a good answer. Rejects when it ends too early. */
type Taking<T> = (posted: Posted, address: URL) => Promise<CallAnswer<T>>

const wholeAnswer = 100 * 1024 * 1024
/** An error's words; a page that somebody put in between may be of any size. */
const errorText = 64 * 1024

/**
 * Calls the methods of a service as DIRAC's clients do, of dhn and of DIRAC alike.
 *
 *     const jobs = new Client('WorkloadManagement/JobManager')
 *     const answer = await jobs.call<number>('submitJob', [jdl])
 *     if (answer.OK) console.log(answer.Value)
 *
 * Calls never reject: whatever goes wrong, the connection included, is an S_ERROR. A client may be used for calls side by
 * side; connections are kept and shared by all clients of the process that show the same credential.
 *
 * @see docs/client.md
 */
export class Client {
  /** Of a class for one service: what its methods need beyond JEncode. */
  static readonly patches: JsonPatches = {}

  readonly #bans = new Bans()

  /** @param service its name, looked up in the configuration at each call, or its address */
  constructor(
    readonly service: string,
    readonly options: ClientOptions = {},
  ) {}

  /**
   * Calls a remote method. Of several addresses another one is asked when one can't be reached or says that it has not
   * executed the call; a call that may have been executed is never sent twice. Arguments at the end that are undefined
   * stay away.
   */
  async call<T = unknown>(method: string, args: readonly unknown[] = []): Promise<CallAnswer<T>> {
    const { args: prepare, value: restore } = (this.constructor as typeof Client).patches[method] ?? {}
    const { largestAnswer = wholeAnswer } = this.options
    const given = args.slice(0, args.findLastIndex((argument) => argument !== undefined) + 1)
    const sent = prepare?.(given) ?? given
    const answer = await this.#ask<T>(method, sent, {}, async ({ status, reason, body }, address) => {
      const text = await textOf(body, largestAnswer)
      const answer = answerOf({ address, method, status, reason, text })
      return (answer.OK && restore !== undefined ? S_OK(restore(answer.Value)) : answer) as CallAnswer<T>
    })
    return Object.defineProperty(answer, 'rpcStub', { value: stubOf(this.service, this.options, method, sent) })
  }

  /** Stores what the service streams to clients in a file, or writes it to a stream, which it ends. */
  receiveFile(destination: string | Writable, ...args: readonly unknown[]): Promise<CallAnswer<null>> {
    return this.#ask('streamToClient', args, { rawContent: 'True' }, async ({ body }) => {
      await pipeline(body, typeof destination === 'string' ? createWriteStream(destination) : destination)
      return S_OK()
    })
  }

  /** Hands a file to the service under an identifier; the value is what the service says to it. */
  async sendFile<T = unknown>(file: string, fileId: unknown): Promise<CallAnswer<T>> {
    try {
      const content = await readFile(file)
      return await this.call<T>('streamFromClient', [fileId, '', content.length, content])
    } catch (error) {
      return unanswered((error as Error).message)
    }
  }

  async #ask<T>(
    method: string,
    args: readonly unknown[],
    more: Readonly<Record<string, string>>,
    take: Taking<T>,
  ): Promise<CallAnswer<T>> {
    try {
      const { surroundings = ofThisProcess() } = this.options
      const configuration = this.options.configuration ?? localConfiguration(surroundings)
      const addresses = serviceAddresses(this.service, configuration, this.options)
      if (!addresses.OK) return unanswered(addresses)
      const failures: CallError[] = []
      for (const address of this.#bans.order(addresses.Value)) {
        const answered = await this.#askOne(address, configuration, { method, args: jencode(args), ...more }, take)
        if (!('elsewhere' in answered)) return answered
        this.#bans.add(address)
        failures.push(answered.elsewhere)
      }
      return together(failures)
    } catch (error) {
      return unanswered((error as Error).message)
    }
  }

  /** `elsewhere`: the call was not executed, and another address may do. */
  async #askOne<T>(
    address: URL,
    configuration: CfgSection,
    call: Readonly<{ method: string; args: string }>,
    take: Taking<T>,
  ): Promise<CallAnswer<T> | { readonly elsewhere: CallError }> {
    const { surroundings = ofThisProcess(), ...options } = withServerOptions(this.options, configuration, address)
    const { timeout = 600_000 } = options
    const shown = await shownCredential(options, configuration, surroundings)
    if (!shown.OK) return unanswered(shown)
    const { certificate, token, isHost } = shown.Value
    if (token !== undefined && address.protocol !== 'https:')
      return unanswered(`no token goes to ${address}: it is not HTTPS`)
    const extra = extraCredentials(options, isHost, configuration)
    if (!extra.OK) return unanswered(extra)
    const skip = options.skipCACheck ?? (!isHost && valueAt(configuration, '/DIRAC/Security/SkipCAChecks', false))
    const trust = skip ? undefined : { directory: caDirectory(configuration, surroundings), ...options.trust }
    const form = new URLSearchParams({
      ...call,
      ...(extra.Value === null ? {} : { extraCredentials: jencode(extra.Value) }),
      clientVO: options.VO ?? valueAt(configuration, '/DIRAC/VirtualOrganization', 'unknown'),
      clientSetup: options.setup ?? valueAt(configuration, '/DIRAC/Setup', 'None'),
    })
    try {
      const connections =
        address.protocol === 'https:'
          ? tlsConnections({ trust, certificate, ...handshakeOptions(surroundings) })
          : plainConnections()
      const posted = await postForm(address, form.toString(), { connections, token, timeout })
      if (posted.status === 200) return await take(posted, address)
      const { status, reason } = posted
      const text = await textOf(posted.body, errorText)
      const failure = { ...failureOf({ address, method: call.method, status, reason, text }), Status: status }
      return wasNotExecuted(status) ? { elsewhere: failure } : failure
    } catch (error) {
      if (error instanceof CallNotSent) return { elsewhere: unanswered(error.message) }
      this.#bans.add(address)
      return unanswered(`${address}: ${(error as Error).message}`)
    }
  }
}

const unanswered = (error: ReturnError | string): CallError => ({
  ...(typeof error === 'string' ? S_ERROR(error) : error),
  Status: 0,
})

/** What went wrong at each address; the last one's number. */
const together = (failures: readonly CallError[]): CallError => ({
  ...(failures.at(-1) as CallError),
  Message: failures.map(({ Message }) => Message).join('; '),
})

async function textOf(body: Readable, largest: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > largest) throw new Error(`an answer of more than ${largest} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
