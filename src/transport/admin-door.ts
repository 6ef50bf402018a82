import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { dirname } from 'node:path'
import { inject, injectable } from 'inversify'
import { NodeLog } from '../container/node-log.ts'
import { AdminApps } from './admin/admin-apps.ts'
import { TransportConfiguration } from './configuration.ts'
import { Connections } from './connections.ts'
import { ListenRefused, SocketPathTooLong } from './errors.ts'
import { listening } from './listener.ts'
import { Metrics } from './metrics/metrics.ts'
import { metricsPage } from './metrics/metrics-page.ts'

/** What a socket's path may have at most, in bytes: 108 with the zero at its end. */
const longestPath = 107

/** After so many milliseconds without progress a caller is cut who doesn't read. */
const patience = 60_000

/** How long answers under way may take when the door is shut, in milliseconds: the node has stopped by then. */
const drain = 1000

/** The admin API on a unix socket that only the node's owner can open. */
@injectable()
export class AdminDoor {
  readonly #connections = new Connections()
  #server: Server | undefined
  #stopped: Promise<void> | undefined

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(AdminApps) private readonly apps: AdminApps,
    @inject(NodeLog) private readonly log: NodeLog,
    @inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /**
   * Opens the socket. A socket that is there already is taken away: whoever starts this holds the lock of the home, so it is
   * left from a node that has ended.
   *
   * @throws {SocketPathTooLong} @throws {ListenRefused}
   */
  async start(): Promise<void> {
    const { socket } = this.configuration.admin
    if (Buffer.byteLength(socket) > longestPath) throw new SocketPathTooLong(socket, longestPath)
    await mkdir(dirname(socket), { recursive: true })
    await chmod(dirname(socket), 0o700)
    await removeStale(socket)
    const uid = process.getuid?.()
    const owner = { who: { via: 'socket', ...(uid === undefined ? {} : { uid }) } } as const
    const api = this.apps.guardedBy(() => owner, true)
    const metrics = metricsPage(this.metrics)
    // An upload may take as long as it takes: who can open the socket could stop the node as well.
    const server = createServer({ requestTimeout: 0 }, (request, response) => {
      if (request.url !== '/metrics' || request.method !== 'GET') api(request, response)
      else metrics(request, response).catch((error) => response.destroy(error))
    })
    this.#connections.watch(server, { secure: false, patience })
    try {
      await listening(server, { path: socket })
    } catch (error) {
      throw new ListenRefused(socket, (error as Error).message, 'see that the folder can be written by the node')
    }
    this.#server = server
    server.on('error', (error) => this.log.error({ err: error }, 'an admin connection could not be accepted'))
    await chmod(socket, 0o600)
  }

  /** Safe twice, and after a failed start. The socket is gone then. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  async #stop(): Promise<void> {
    if (this.#server !== undefined) await this.#connections.shut([this.#server], drain)
  }
}

async function removeStale(socket: string): Promise<void> {
  const there = await lstat(socket).catch(() => undefined)
  if (there === undefined) return
  if (!there.isSocket())
    throw new ListenRefused(socket, 'it is there and is no socket', `look at ${socket} and remove it`)
  await rm(socket)
}
