import { chmod, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { Connections } from '../connections.ts'
import { ListenRefused } from '../errors.ts'
import { listening } from '../listener.ts'
import type { Handler } from '../request-handler.ts'
import { takeOver } from './handed-request.ts'

/** Headers of a request with the chain of its caller's certificates among them, bytes. */
const headerLimit = 1024 * 1024
/** Requests that may wait to be taken: one that finds no place is lost. The system takes no more than it allows. */
const backlog = 65_535
/** After so many milliseconds without progress a connection is cut on whose other side nothing is read. */
const patience = 60_000

/** Where the node takes what its fronts hand on: a socket that only the node's user can open. */
export class HandedDoor {
  readonly #connections = new Connections()
  #server: Server | undefined

  constructor(
    private readonly path: string,
    private readonly token: string,
    private readonly handler: Handler,
    /** The certificate that callers are shown. */
    private readonly host: () => Buffer | string | undefined,
  ) {}

  /** @throws {ListenRefused} */
  async open(): Promise<void> {
    await rm(this.path, { force: true })
    // The fronts have looked at sizes and times.
    const server = createServer({ maxHeaderSize: headerLimit, requestTimeout: 0, headersTimeout: 0 })
    server.on('request', this.#guarded(this.handler.request))
    server.on('checkContinue', this.#guarded(this.handler.checkContinue))
    server.on('checkExpectation', this.#guarded(this.handler.checkExpectation))
    this.#connections.watch(server, { secure: false, patience })
    try {
      await listening(server, { path: this.path, backlog })
    } catch (error) {
      throw new ListenRefused(this.path, (error as Error).message, 'see that the folder can be written by the node')
    }
    this.#server = server
    await chmod(this.path, 0o600)
  }

  async shut(deadline: number): Promise<void> {
    if (this.#server !== undefined) await this.#connections.shut([this.#server], deadline)
  }

  #guarded(handle: RequestListener): RequestListener {
    return (request, response) => {
      if (takeOver(request, this.token, this.host())) handle(request, response)
      else response.destroy()
    }
  }
}
