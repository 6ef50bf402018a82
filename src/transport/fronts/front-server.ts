import type { Socket } from 'node:net'
import type { Authorization } from '../../container/authorization.ts'
import type { Dispatcher } from '../../container/dispatcher.ts'
import type { NodeLog } from '../../container/node-log.ts'
import type { Callers } from '../callers.ts'
import type { TransportConfiguration } from '../configuration.ts'
import { InnerDoor } from '../door.ts'
import { HostTls } from '../host-tls.ts'
import { Refuser } from '../refuser.ts'
import { requestHandler } from '../request-handler.ts'
import { serverOptions } from '../server-options.ts'
import { UnreadAnswers } from '../unread-answers.ts'
import { handOn } from './hand-on.ts'
import type { HandOnTo, Scheme } from './messages.ts'

/** The doors of one front: TLS and HTTP on connections that the node has accepted. */
export class FrontServer {
  readonly #unread: UnreadAnswers
  readonly #host: HostTls
  #doors: Readonly<Record<Scheme, InnerDoor>> | undefined
  #draining = false

  constructor(
    private readonly configuration: TransportConfiguration,
    private readonly dispatcher: Dispatcher,
    private readonly callers: Callers,
    authorization: Authorization,
    private readonly to: HandOnTo,
    private readonly log: NodeLog,
  ) {
    const { keepAliveTimeout: idle, responseTimeout: whole, unreadLimit: unread } = configuration.http
    this.#unread = new UnreadAnswers({ idle, whole, unread })
    this.#host = new HostTls(configuration.tls, authorization, log, (context) => this.#doors?.https.renew(context))
  }

  /** @throws {HostCredentialsUnusable} @throws {HostKeyExposed} @throws {TrustDirectoryUnreadable} */
  async start(): Promise<void> {
    const { http } = this.configuration
    const handler = requestHandler({
      dispatcher: this.dispatcher,
      callers: this.callers,
      pages: handOn(this.to),
      bodyLimit: http.bodyLimit,
      headerCount: http.headerCount,
      refuser: new Refuser(this.dispatcher, this.callers),
      unread: this.#unread,
      isDraining: () => this.#draining,
      failed: (error) => this.log.error({ err: error }, 'a request could not be handled'),
    })
    const door = { server: serverOptions(http), patience: http.keepAliveTimeout, handler }
    await this.callers.start()
    const tls = await this.#host.start()
    this.#doors = { https: new InnerDoor({ ...door, tls }), http: new InnerDoor(door) }
  }

  take(scheme: Scheme, socket: Socket): void {
    if (this.#doors === undefined || this.#draining) socket.destroy()
    else this.#doors[scheme].take(socket)
  }

  get connections(): Readonly<Record<Scheme, number>> {
    return { https: this.#doors?.https.connections ?? 0, http: this.#doors?.http.connections ?? 0 }
  }

  get unread(): number {
    return this.#unread.bytes
  }

  /** Lets the answers under way end, for at most `deadline` milliseconds. */
  async shut(deadline: number): Promise<{ readonly cut: number }> {
    this.#draining = true
    const shut = await Promise.all(Object.values(this.#doors ?? {}).map((door) => door.shut(deadline)))
    return { cut: shut.reduce((sum, { cut }) => sum + cut, 0) }
  }
}
