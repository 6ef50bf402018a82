import type { Socket } from 'node:net'
import { CfgSources } from '../../cfg/cfg-sources.ts'
import { Authorization } from '../../container/authorization.ts'
import { Dispatcher } from '../../container/dispatcher.ts'
import { EndpointTable } from '../../container/endpoints.ts'
import { Following } from '../../container/following.ts'
import { Gatekeeper } from '../../container/gatekeeper.ts'
import type { NodeLog } from '../../container/node-log.ts'
import { errorAsData } from '../../service/errors.ts'
import { Home } from '../../store/home.ts'
import { Callers } from '../callers.ts'
import { FrontRefusals } from './front-refusals.ts'
import { FrontServer } from './front-server.ts'
import type { FromFront, FrontBeginning, Question, ToFront } from './messages.ts'

const aSecond = 1000
/** How often a front looks whether its rules have changed that the node says nothing of, ms: they follow it together. */
const byItself = 10_000
/** Connections after which the node is told how many are left of them. */
const oftenEnough = 100

/** The end of the channel to the node, which a front has from its start. */
export interface NodeChannel {
  send(message: FromFront): void
}

/**
 * A front: takes the connections that the node has accepted, and calls the services of its node. It knows what the node
 * has told it, reads the trust directory, the host certificate and the rules by itself, and ends when the node is gone.
 */
export class Front {
  #server: FrontServer | undefined
  #following: Following | undefined
  #authorization: Authorization | undefined
  #refusals: FrontRefusals | undefined
  /** Changes that were told before it had begun. */
  #early: Exclude<ToFront, { what: 'connection' | 'question' | 'refresh' }>[] | undefined = []
  #taken = 0

  constructor(private readonly node: NodeChannel) {}

  told(message: ToFront, socket: Socket | undefined): void {
    switch (message.what) {
      case 'connection':
        if (this.#server === undefined) socket?.destroy()
        // One that has gone meanwhile comes as nothing.
        else if (socket !== undefined) this.#server.take(message.scheme, socket)
        this.#taken += 1
        if (this.#taken % oftenEnough === 0) this.#tellFigures()
        return
      case 'question':
        void this.#answer(message.number, message.question)
        return
      case 'refresh':
        this.#authorization?.refresh()
        return
      default:
        this.#early?.push(message)
        this.#following?.apply(message)
    }
  }

  async #answer(number: number, question: Question): Promise<void> {
    try {
      const answer = await this.#answerTo(question)
      this.#tellFigures()
      this.node.send({ what: 'answer', number, answer })
    } catch (error) {
      this.node.send({ what: 'answer', number, error: errorAsData(error) })
    }
  }

  #answerTo(question: Question): unknown {
    switch (question.name) {
      case 'begin':
        return this.#begin(question.ask)
      case 'follow':
        return this.#following?.followed()
      case 'idle':
        return this.#following?.whenIdle(question.ask.id, question.ask.deadline)
      case 'calls':
        return this.#following?.calls(question.ask.garId)
      case 'shut':
        return this.#shut(question.ask.deadline)
    }
  }

  async #begin({ home, transport, sources, withoutRule, following, handOn }: FrontBeginning): Promise<void> {
    const log = this.#log()
    const files = new CfgSources(sources.files, sources.settings, sources.copy)
    const authorization = new Authorization({ home: new Home(home), sources: files, withoutRule }, log)
    authorization.start(byItself)
    this.#authorization = authorization
    const refusals = new FrontRefusals((told) => this.node.send({ what: 'refused', refusals: told }))
    this.#refusals = refusals
    const endpoints = new EndpointTable()
    this.#following = new Following(endpoints, authorization, {
      ...following,
      leftUnanswered: (socket, calls) => this.node.send({ what: 'unanswered', socket, calls }),
    })
    for (const change of this.#early ?? []) this.#following.apply(change)
    this.#early = undefined
    const dispatcher = new Dispatcher(endpoints, new Gatekeeper(authorization, refusals, log))
    const server = new FrontServer(
      transport,
      dispatcher,
      new Callers(transport, authorization, log),
      authorization,
      handOn,
      log,
    )
    await server.start()
    this.#server = server
    setInterval(() => this.#tellFigures(), aSecond)
  }

  async #shut(deadline: number): Promise<{ readonly cut: number }> {
    const shut = (await this.#server?.shut(deadline)) ?? { cut: 0 }
    this.#refusals?.flush()
    return shut
  }

  #tellFigures(): void {
    const { connections = { https: 0, http: 0 }, unread = 0 } = this.#server ?? {}
    const calls = this.#following?.figures() ?? []
    this.node.send({ what: 'figures', calls, connections, unread, rssBytes: process.memoryUsage.rss() })
  }

  #log(): NodeLog {
    const tell =
      (level: 'info' | 'warn' | 'error') =>
      (facts: object, message: string): void =>
        this.node.send({ what: 'log', level, facts, message })
    return { info: tell('info'), warn: tell('warn'), error: tell('error') }
  }
}
