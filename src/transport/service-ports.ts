import type { RequestListener } from 'node:http'
import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { type Dispatcher, notHere } from '../container/dispatcher.ts'
import { addressOf } from '../container/endpoints.ts'
import type { NodeLog } from '../container/node-log.ts'
import type { ServicePort, TransportConfiguration } from './configuration.ts'
import type { Shut } from './connections.ts'
import { Door } from './door.ts'
import { type HandlerOptions, requestHandler } from './request-handler.ts'
import { serverOptions } from './server-options.ts'

/** The HTTPS doors of services that have a port of their own: each serves those that name it and nothing else. */
export class ServicePorts {
  readonly #doors: Door[] = []

  constructor(
    private readonly configuration: TransportConfiguration,
    /** Of the node's own door. */
    private readonly handler: HandlerOptions,
    private readonly log: NodeLog,
  ) {}

  /** How many connections are open. */
  get connections(): number {
    return this.#doors.reduce((sum, { connections }) => sum + connections, 0)
  }

  /** Opens every door; those that are open when one can't be are shut by `shut`. @throws {PortInUse} @throws {ListenRefused} */
  async open(tls: TlsOptions): Promise<void> {
    for (const one of this.configuration.servicePorts ?? []) {
      if (one.port !== this.configuration.port) await this.#open(one, tls)
    }
  }

  /** Shows another certificate from now on. */
  renew(context: SecureContextOptions): void {
    for (const door of this.#doors) door.renew(context)
  }

  /** As `Door.shut`, of all of them. */
  async shut(deadline: number): Promise<Shut> {
    const shut = await Promise.all(this.#doors.map((door) => door.shut(deadline)))
    return { cut: shut.reduce((sum, { cut }) => sum + cut, 0) }
  }

  async #open({ port, option, services }: ServicePort, tls: TlsOptions): Promise<void> {
    const { addresses, http } = this.configuration
    const { dispatcher, refuser } = this.handler
    const pages: RequestListener = (_request, response) => refuser.refuse(response, notHere)
    const door = new Door({
      option,
      port,
      addresses,
      tls,
      server: serverOptions(http),
      connections: http.connections,
      patience: http.keepAliveTimeout,
      handler: requestHandler({ ...this.handler, dispatcher: only(services, dispatcher), pages }),
      failed: (error) => this.log.error({ err: error }, 'a connection could not be accepted'),
      full: () => this.log.warn({ port }, `a door is full: it refuses connections beyond ${http.connections}`),
    })
    await door.open()
    this.#doors.push(door)
    this.log.info({ port, services }, `port ${port} is open for ${services.join(', ')}`)
  }
}

type Dispatching = Pick<Dispatcher, 'find' | 'overload' | 'dispatch'>

function only(services: readonly string[], dispatcher: Dispatching): Dispatching {
  const paths = new Set(services.map(addressOf))
  return {
    find: (path) => (paths.has(path) ? dispatcher.find(path) : undefined),
    overload: (endpoint, bytes) => dispatcher.overload(endpoint, bytes),
    dispatch: (endpoint, call, done) => dispatcher.dispatch(endpoint, call, done),
  }
}
