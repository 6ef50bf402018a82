import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import type { CallNote } from '../../container/call-ring.ts'
import type { Follower, Followers } from '../../container/followers.ts'
import type { NodeLog } from '../../container/node-log.ts'
import type { Refusals } from '../../container/refusals.ts'
import type { TableChange } from '../../container/table-change.ts'
import type { Guard } from '../../isolate/guard/guard.ts'
import { identify } from '../../isolate/process-table.ts'
import { type DhnError, RemoteError } from '../../service/errors.ts'
import { FrontEnded } from '../errors.ts'
import type { FromFront, FrontBeginning, Question, Questions, Scheme, ToFront } from './messages.ts'

/** How long a front may take for what costs it no time, ms. */
const promptly = 10_000
/** How long it may take to be there, ms. */
const toBegin = 30_000
/** How much longer than it was given for its calls, ms. */
const slack = 2000

export interface FrontSurroundings {
  readonly entry: string
  readonly followers: Followers
  readonly guard: Guard
  readonly refusals: Refusals
  readonly log: NodeLog
}

interface Asked {
  resolve(answer: unknown): void
  reject(error: DhnError): void
}

/** One front process, on the node's side. Once it was made it runs; it is used until it ends. */
export class FrontProcess implements Follower {
  /** Resolves with how it ended, whatever ended it. */
  readonly ended: Promise<string>
  /** Connections that it has or that are on their way to it. */
  connections: Readonly<Record<Scheme, number>> = { https: 0, http: 0 }
  /** Bytes of long answers that wait to be read. */
  unread = 0
  /** Calls that it has to answer. */
  inside = 0
  rssBytes: number | undefined
  #handedOn = 0
  readonly #child: ChildProcess
  readonly #asked = new Map<number, Asked>()
  #lastAsked = 0
  #isOver = false
  /** It has begun: until then it has no calls, and will be told how things are. */
  #serves = false
  #heard = true
  #silentLooks = 0

  constructor(
    readonly name: number,
    private readonly around: FrontSurroundings,
  ) {
    // A process group of its own: a Ctrl-C for the node doesn't end it before it has answered its calls.
    this.#child = fork(around.entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {},
      execArgv: [],
      cwd: '/',
      detached: true,
    })
    const { pid } = this.#child
    if (pid !== undefined) around.guard.add(identify(pid))
    this.#child.on('message', (message) => this.#told(message as FromFront))
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        if (this.#isOver) return
        this.#isOver = true
        this.#serves = false
        if (pid !== undefined) around.guard.remove(pid)
        around.followers.remove(this)
        this.connections = { https: 0, http: 0 }
        this.unread = 0
        this.inside = 0
        this.rssBytes = undefined
        for (const { reject } of this.#asked.values()) reject(new FrontEnded(how))
        resolve(how)
      }
      this.#child.once('error', (error) => end(error.message))
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    })
  }

  get pid(): number | undefined {
    return this.#isOver ? undefined : this.#child.pid
  }

  /** Those that it has, and those that were handed on since it told of them. */
  get load(): number {
    return this.connections.https + this.connections.http + this.#handedOn
  }

  /** Resolves when it can take connections. @throws {DhnError} why it can't */
  async begin(beginning: FrontBeginning): Promise<void> {
    this.around.followers.add(this)
    try {
      await this.#ask('begin', beginning, toBegin)
      this.#serves = true
      await this.#ask('follow', undefined, toBegin)
    } catch (error) {
      this.kill()
      throw error
    }
  }

  /** Hands a connection on of which nothing was read; it is no longer this process's. */
  take(scheme: Scheme, socket: Socket): void {
    this.#handedOn += 1
    this.#send({ what: 'connection', scheme }, socket)
  }

  tell(change: TableChange): void {
    this.#send(change)
  }

  /** Its rules are made anew if what they are made of has changed. */
  refresh(): void {
    this.#send({ what: 'refresh' })
  }

  async followed(): Promise<void> {
    if (this.#serves) await this.#orEnd('follow', undefined, promptly, undefined)
  }

  async whenIdle(id: number, deadline: number): Promise<number> {
    return this.#serves ? this.#orEnd('idle', { id, deadline }, deadline + slack, 0) : 0
  }

  async calls(garId: string): Promise<readonly CallNote[]> {
    return this.#serves ? await this.#ask('calls', { garId }, promptly).catch(() => []) : []
  }

  /** Lets the answers under way end; resolves with how many connections were cut. */
  async shut(deadline: number): Promise<number> {
    const { cut } = await this.#orEnd('shut', { deadline }, deadline + slack, { cut: 0 })
    return cut
  }

  /** One look, once a second. A front that has said nothing for `most` looks is ended. */
  look(most: number): void {
    this.#silentLooks = this.#heard ? 0 : this.#silentLooks + 1
    this.#heard = false
    if (this.#silentLooks < most || this.#isOver) return
    this.around.log.error({ front: this.name, pid: this.pid, seconds: most }, 'a front says nothing and is ended')
    this.kill()
  }

  kill(): void {
    if (!this.#isOver) this.#child.kill('SIGKILL')
  }

  /** A front that doesn't do in time what it is asked can't be relied on: it goes, with its connections. */
  async #orEnd<Name extends keyof Questions>(
    name: Name,
    ask: Questions[Name]['ask'],
    limit: number,
    gone: Questions[Name]['answer'],
  ): Promise<Questions[Name]['answer']> {
    try {
      return await this.#ask(name, ask, limit)
    } catch (error) {
      if (!this.#isOver) this.around.log.error({ front: this.name, pid: this.pid, err: error }, 'a front is ended')
      this.kill()
      await this.ended
      return gone
    }
  }

  async #ask<Name extends keyof Questions>(
    name: Name,
    ask: Questions[Name]['ask'],
    limit: number,
  ): Promise<Questions[Name]['answer']> {
    if (this.#isOver) throw new FrontEnded('it is gone')
    this.#lastAsked += 1
    const number = this.#lastAsked
    let timer: NodeJS.Timeout | undefined
    try {
      return (await new Promise((resolve, reject) => {
        this.#asked.set(number, { resolve, reject })
        timer = setTimeout(() => reject(new FrontEnded(`it didn't answer within ${limit} ms`)), limit)
        this.#send({ what: 'question', number, question: { name, ask } as Question })
      })) as Questions[Name]['answer']
    } finally {
      clearTimeout(timer)
      this.#asked.delete(number)
    }
  }

  #told(told: FromFront): void {
    this.#heard = true
    switch (told.what) {
      case 'answer': {
        const asked = this.#asked.get(told.number)
        if (told.error === undefined) asked?.resolve(told.answer)
        else asked?.reject(new RemoteError(told.error))
        return
      }
      case 'figures':
        this.connections = told.connections
        this.unread = told.unread
        this.inside = told.calls.reduce((sum, { inside }) => sum + inside, 0)
        this.rssBytes = told.rssBytes
        this.#handedOn = 0
        this.around.followers.count(this, told.calls)
        return
      case 'refused':
        for (const refusal of told.refusals) this.around.refusals.noted(refusal)
        return
      case 'unanswered':
        this.around.followers.leftUnanswered(told.socket, told.calls)
        return
      case 'log':
        this.around.log[told.level]({ front: this.name, ...told.facts }, told.message)
    }
  }

  #send(message: ToFront, socket?: Socket): void {
    // Whatever is wrong with the channel shows in its end; a connection that got lost on the way is cut.
    const lost = (error: Error | null): void => {
      if (error !== null) socket?.destroy()
    }
    if (this.#isOver || !this.#child.connected) lost(new FrontEnded('it is gone'))
    else if (socket === undefined) this.#child.send(message, lost)
    else this.#child.send(message, socket, {}, lost)
  }
}
