import { unanswered } from './call-exchange.ts'
import { CallLink, type CallSupervision } from './call-link.ts'
import { leastInside } from './least-inside.ts'
import type { PlaceCall, PlaceReply } from './place.ts'

/** The places of a running instance as a front reaches them, which hasn't started them: by their sockets. */
export class RemotePlaces {
  #links: readonly CallLink[] = []
  /** Those that take calls, as far as is known. */
  #open: readonly CallLink[] = []
  #turn = 0

  constructor(
    private readonly supervision: CallSupervision,
    /** The place at `path` left so many calls one after the other unanswered. */
    private readonly unanswering: (path: string, calls: number) => void,
  ) {}

  /** From now on these are the places. A call inside of another one is waited for. */
  use(paths: readonly string[]): void {
    for (const link of this.#links) if (!paths.includes(link.path)) link.leave()
    this.#links = paths.map((path) => this.#links.find((link) => link.path === path) ?? this.#link(path))
    this.#look()
  }

  /** Resolves when every connection stands, or won't. */
  async connected(): Promise<void> {
    await Promise.all(this.#links.map(({ settled }) => settled))
  }

  /** Calls inside of each place, by its path. */
  inside(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#links.map(({ path, inside }) => [path, inside]))
  }

  call(call: PlaceCall, done: (reply: PlaceReply) => void): void {
    this.#turn += 1
    const link = this.#choose()
    if (link === undefined) queueMicrotask(() => done(unanswered))
    else link.call(call, done)
  }

  #choose(): CallLink | undefined {
    const [only, second] = this.#open
    const link = second === undefined ? only : this.#open[leastInside(this.#open, this.#turn)]
    if (link === undefined || link.takesCalls) return link
    this.#look()
    return this.#choose()
  }

  #link(path: string): CallLink {
    return new CallLink(path, this.supervision, (calls) => this.unanswering(path, calls))
  }

  #look(): void {
    this.#open = this.#links.filter((link) => link.takesCalls)
  }
}
