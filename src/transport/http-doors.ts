import type { TlsOptions } from 'node:tls'
import { inject, injectable } from 'inversify'
import { Authorization } from '../container/authorization.ts'
import { Dispatcher } from '../container/dispatcher.ts'
import { NodeLog } from '../container/node-log.ts'
import type { Expiry } from '../security/expiries.ts'
import { Callers } from './callers.ts'
import { TransportConfiguration } from './configuration.ts'
import { Door } from './door.ts'
import { doorAddress } from './door-address.ts'
import { doorExpiries } from './door-expiries.ts'
import { Health } from './health.ts'
import { HostTls } from './host-tls.ts'
import { leave, tellCut } from './leave.ts'
import { Metrics } from './metrics/metrics.ts'
import { Pages } from './pages.ts'
import { Refuser } from './refuser.ts'
import { type Handler, type HandlerOptions, requestHandler } from './request-handler.ts'
import { serverOptions } from './server-options.ts'
import { ServicePorts } from './service-ports.ts'
import { UnreadAnswers } from './unread-answers.ts'

/** Where calls come in: HTTPS always, plain HTTP where the configuration says so. */
@injectable()
export class HttpDoors {
  readonly #doors: { readonly scheme: 'https' | 'http'; readonly door: Door }[] = []
  readonly #handler: Handler
  readonly #servicePorts: ServicePorts
  readonly #host: HostTls
  #open = false
  #draining = false
  #stopped: Promise<{ readonly cut: number }> | undefined

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(Dispatcher) dispatcher: Dispatcher,
    @inject(Callers) private readonly callers: Callers,
    @inject(Authorization) authorization: Authorization,
    @inject(Pages) pages: Pages,
    @inject(Health) private readonly health: Health,
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {
    const { bodyLimit, headerCount, keepAliveTimeout, responseTimeout, unreadLimit } = configuration.http
    const unread = new UnreadAnswers({ idle: keepAliveTimeout, whole: responseTimeout, unread: unreadLimit })
    metrics.doors = () => ({
      connections: Object.fromEntries(
        this.#doors.map(({ scheme, door }) => [
          scheme,
          door.connections + (scheme === 'https' ? this.#servicePorts.connections : 0),
        ]),
      ),
      unread: unread.bytes,
    })
    this.#host = new HostTls(configuration.tls, authorization, log, (context) => {
      for (const { scheme, door } of this.#doors) if (scheme === 'https') door.renew(context)
      this.#servicePorts.renew(context)
    })
    const options: HandlerOptions = {
      dispatcher,
      callers,
      pages: pages.handler,
      bodyLimit,
      headerCount,
      refuser: new Refuser(dispatcher, callers),
      unread,
      isDraining: () => this.#draining,
      failed: (error) => log.error({ err: error }, 'a request could not be handled'),
    }
    this.#handler = requestHandler(options)
    this.#servicePorts = new ServicePorts(configuration, options, log)
  }

  /** Base addresses of the doors that are open, with their real ports: the secure one first. */
  get addresses(): readonly string[] {
    const { host } = this.configuration
    return this.#doors.map(({ scheme, door }) => doorAddress(scheme, host, door.port))
  }

  /**
   * Opens every door, or none.
   *
   * @throws {PortInUse} @throws {ListenRefused} @throws {HostCredentialsUnusable} @throws {HostKeyExposed}
   * @throws {TrustDirectoryUnreadable}
   */
  async start(): Promise<void> {
    const { addresses, port, nosec } = this.configuration
    const tls = await this.#host.start()
    try {
      await this.callers.start()
      await this.#openDoor('https', { option: '/DHN/Port', port, addresses, tls })
      await this.#servicePorts.open(tls)
      if (nosec.enabled) await this.#openDoor('http', { option: '/DHN/Nosec/Port', ...nosec })
      this.#open = true
      this.metrics.start()
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** When the host certificate, the CAs and their revocation lists end, the earliest first. */
  expiries(): readonly Expiry[] {
    return doorExpiries(this.configuration.host, this.#host, this.callers)
  }

  /** Files of the trust directory that can't be used as they are. */
  unusable(): number {
    return this.callers.trust?.problems.length ?? 0
  }

  /**
   * Says first that the node is ready no more, and serves for as long as it takes others to see that; then lets the answers
   * under way end, for as long as the configuration allows. Resolves with how many connections were cut. Safe twice.
   */
  stop(): Promise<{ readonly cut: number }> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<{ readonly cut: number }> {
    this.metrics.stop()
    await leave(this.health, this.#open ? this.configuration.health.settle : 0, this.log)
    this.#draining = true
    const { drain } = this.configuration.http
    const doors = [...this.#doors.map(({ door }) => door), this.#servicePorts]
    const shut = await Promise.all(doors.map((door) => door.shut(drain)))
    this.callers.stop()
    this.#host.stop()
    const cut = shut.reduce((sum, one) => sum + one.cut, 0)
    tellCut(cut, this.log)
    return { cut }
  }

  async #openDoor(
    scheme: 'https' | 'http',
    at: {
      readonly option: string
      readonly port: number
      readonly addresses: readonly string[]
      readonly tls?: TlsOptions
    },
  ): Promise<void> {
    const failed = (error: Error): void => this.log.error({ err: error }, 'a connection could not be accepted')
    const { connections, keepAliveTimeout: patience } = this.configuration.http
    const full = (): void =>
      this.log.warn({ scheme, connections }, `a door is full: it refuses connections beyond ${connections}`)
    const server = serverOptions(this.configuration.http)
    const door = new Door({ ...at, server, connections, patience, handler: this.#handler, failed, full })
    await door.open()
    this.#doors.push({ scheme, door })
  }
}
