import { createRequire } from 'node:module'
import { createServer, type Server, type Socket } from 'node:net'
import { inject, injectable } from 'inversify'
import { Authorization } from '../../container/authorization.ts'
import { ContainerConfig } from '../../container/container-config.ts'
import { Dispatcher } from '../../container/dispatcher.ts'
import { defaultFlightPolicy } from '../../container/flight-recorders.ts'
import { Followers } from '../../container/followers.ts'
import { NodeLog } from '../../container/node-log.ts'
import { Refusals } from '../../container/refusals.ts'
import type { FrontView } from '../../container/views.ts'
import { Guard } from '../../isolate/guard/guard.ts'
import type { Expiry } from '../../security/expiries.ts'
import { Callers } from '../callers.ts'
import { TransportConfiguration } from '../configuration.ts'
import { doorAddress } from '../door-address.ts'
import { doorExpiries } from '../door-expiries.ts'
import { Health } from '../health.ts'
import { HostTls } from '../host-tls.ts'
import { leave, tellCut } from '../leave.ts'
import { type ListenAt, Listener } from '../listener.ts'
import { Metrics } from '../metrics/metrics.ts'
import { OncePerMinute } from '../once-per-minute.ts'
import { Pages } from '../pages.ts'
import { Refuser } from '../refuser.ts'
import { type HandlerOptions, requestHandler } from '../request-handler.ts'
import { ServicePorts } from '../service-ports.ts'
import { UnreadAnswers } from '../unread-answers.ts'
import { httpShare, trafficShare } from './front-share.ts'
import { Fronts } from './fronts.ts'
import { HandedDoor } from './handed-door.ts'
import { newToken } from './handed-request.ts'
import type { FrontBeginning, Scheme } from './messages.ts'

interface OpenPort {
  readonly scheme: Scheme
  readonly listener: Listener<Server>
}

/**
 * Where calls come in when there are several fronts: this process accepts connections and hands each to a front, which
 * speaks TLS and HTTP on it and calls the services by itself. What no front can answer comes back to this process, which
 * also serves the ports of single services.
 */
@injectable()
export class FrontDoors {
  readonly #ports: OpenPort[] = []
  readonly #fronts: Fronts
  readonly #handed: HandedDoor
  readonly #servicePorts: ServicePorts
  readonly #host: HostTls
  readonly #unread: UnreadAnswers
  #draining = false
  #stopped: Promise<void> | undefined

  constructor(
    @inject(TransportConfiguration) private readonly configuration: TransportConfiguration,
    @inject(ContainerConfig) container: ContainerConfig,
    @inject(Dispatcher) dispatcher: Dispatcher,
    @inject(Followers) followers: Followers,
    @inject(Callers) private readonly callers: Callers,
    @inject(Authorization) authorization: Authorization,
    @inject(Pages) pages: Pages,
    @inject(Health) private readonly health: Health,
    @inject(Metrics) private readonly metrics: Metrics,
    @inject(Guard) guard: Guard,
    @inject(Refusals) refusals: Refusals,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {
    const { http, fronts: count } = configuration
    const token = newToken()
    const socket = container.home.run('front.sock')
    this.#host = new HostTls(configuration.tls, authorization, log, (context) => this.#servicePorts.renew(context))
    this.#unread = new UnreadAnswers({
      idle: http.keepAliveTimeout,
      whole: http.responseTimeout,
      unread: http.unreadLimit,
    })
    const options: HandlerOptions = {
      dispatcher,
      callers,
      pages: pages.handler,
      bodyLimit: http.bodyLimit,
      headerCount: http.headerCount,
      refuser: new Refuser(dispatcher, callers),
      unread: this.#unread,
      isDraining: () => this.#draining,
      failed: (error) => log.error({ err: error }, 'a request could not be handled'),
    }
    // Fronts add a header, and close when they have the whole answer.
    const refuser = new Refuser(dispatcher, callers, http.requestTimeout)
    const ofFronts = { headerCount: http.headerCount + 1, refuser }
    const handler = requestHandler({ ...options, ...ofFronts })
    this.#handed = new HandedDoor(socket, token, handler, () => this.#host.current?.cert)
    this.#servicePorts = new ServicePorts(configuration, options, log)
    this.#fronts = new Fronts({
      count,
      beginning: beginningOf(configuration, container, { socket, token }),
      silence: Math.ceil(container.supervision.silence / 1000),
      entry: createRequire(import.meta.url).resolve('#front'),
      followers,
      guard,
      refusals,
      log,
    })
    authorization.onChange(() => this.#fronts.refresh())
    metrics.doors = () => this.#figures()
  }

  /** Base addresses of the doors that are open, with their real ports: the secure one first. */
  get addresses(): readonly string[] {
    const { host } = this.configuration
    return this.#ports.map(({ scheme, listener }) => doorAddress(scheme, host, listener.port))
  }

  /**
   * Opens every door, or none.
   *
   * @throws {PortInUse} @throws {ListenRefused} @throws {HostCredentialsUnusable} @throws {HostKeyExposed}
   * @throws {TrustDirectoryUnreadable} @throws {FrontEnded}
   */
  async start(): Promise<void> {
    const { addresses, port, nosec } = this.configuration
    try {
      const tls = await this.#host.start()
      await this.callers.start()
      await this.#handed.open()
      await this.#fronts.start()
      await this.#open('https', { option: '/DHN/Port', port, addresses })
      await this.#servicePorts.open(tls)
      if (nosec.enabled) await this.#open('http', { option: '/DHN/Nosec/Port', ...nosec })
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

  /** As many as there are to be, each with how it is. */
  fronts(): readonly FrontView[] {
    return this.#fronts.views()
  }

  /** As `HttpDoors.stop`. Safe twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.metrics.stop()
    await leave(this.health, this.#ports.length > 0 ? this.configuration.health.settle : 0, this.log)
    this.#draining = true
    const { drain } = this.configuration.http
    for (const { listener } of this.#ports) for (const server of listener.take()) server.close()
    const [ofFronts, own] = await Promise.all([this.#fronts.shut(drain), this.#servicePorts.shut(drain)])
    await this.#handed.shut(0)
    this.callers.stop()
    this.#host.stop()
    tellCut(ofFronts + own.cut, this.log)
  }

  async #open(scheme: Scheme, at: ListenAt): Promise<void> {
    const { connections } = this.configuration.http
    const full = new OncePerMinute(() =>
      this.log.warn({ scheme, connections }, `a door is full: it refuses connections beyond ${connections}`),
    )
    const accept = (socket: Socket): void => {
      // Until it is on its way, what is wrong with it is seen here.
      socket.on('error', () => {})
      if (this.#fronts.load < connections) {
        this.#fronts.take(scheme, socket)
        return
      }
      full.tell()
      socket.destroy()
    }
    const listener = new Listener(
      at,
      () => createServer({ pauseOnConnect: true, noDelay: true }, accept),
      async (servers) => {
        for (const server of servers) server.close()
      },
    )
    await listener.open((error) => this.log.error({ err: error }, 'a connection could not be accepted'))
    this.#ports.push({ scheme, listener })
  }

  #figures(): ReturnType<Metrics['doors']> {
    const own = { https: this.#servicePorts.connections, http: 0 }
    const all = (scheme: Scheme): number => own[scheme] + this.#fronts.connections(scheme)
    return {
      connections: Object.fromEntries(this.#ports.map(({ scheme }) => [scheme, all(scheme)])),
      unread: this.#unread.bytes + this.#fronts.unread,
      fronts: this.fronts(),
    }
  }
}

function beginningOf(
  transport: TransportConfiguration,
  { home, sources, withoutRule, traffic, supervision, flight = defaultFlightPolicy }: ContainerConfig,
  handOn: FrontBeginning['handOn'],
): FrontBeginning {
  const { fronts, http } = transport
  const { interval, call, unansweredCalls } = supervision
  return {
    home: home.root,
    transport: { ...transport, http: httpShare(http, fronts) },
    sources: {
      files: sources.files,
      settings: sources.settings,
      ...(sources.copy !== undefined && { copy: sources.copy }),
    },
    withoutRule,
    following: {
      traffic: trafficShare(traffic, fronts, http.bodyLimit),
      keptCalls: flight.calls,
      supervision: { interval, call, unansweredCalls },
    },
    handOn,
  }
}
