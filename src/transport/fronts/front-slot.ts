import type { FrontView } from '../../container/views.ts'
import { type ErrorData, errorAsData } from '../../service/errors.ts'
import { FrontEnded } from '../errors.ts'
import { FrontProcess, type FrontSurroundings } from './front-process.ts'
import type { FrontBeginning } from './messages.ts'

/** Milliseconds from the end of a front to its next start; doubled with each end that follows soon. */
const firstDelay = 100
const longestDelay = 5000
/** A front that lived for so long, ms, ends by chance and not at once. */
const healthy = 60_000

export interface FrontSlotOptions extends FrontSurroundings {
  readonly beginning: FrontBeginning
}

/** One of the fronts that a node is to have: a process, and after its end another one. */
export class FrontSlot {
  #front: FrontProcess | undefined
  #state: FrontView['state'] = 'starting'
  #since = Date.now()
  #delay = firstDelay
  #restarts = 0
  #nextAt: number | undefined
  #cause: ErrorData | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param serves called whenever it has become able to take connections */
  constructor(
    readonly name: number,
    private readonly options: FrontSlotOptions,
    private readonly serves: () => void,
  ) {}

  /** While it can take connections. */
  get serving(): FrontProcess | undefined {
    return this.#state === 'serving' ? this.#front : undefined
  }

  /** Since its start, whether it serves or not. */
  get process(): FrontProcess | undefined {
    return this.#front
  }

  view(): FrontView {
    const { pid, connections, inside = 0, rssBytes } = this.#front ?? {}
    return {
      name: this.name,
      state: this.#state,
      since: isoOf(this.#since),
      ...(pid !== undefined && { pid }),
      connections: (connections?.https ?? 0) + (connections?.http ?? 0),
      inside,
      ...(rssBytes !== undefined && { rssBytes }),
      restarts: { count: this.#restarts, ...(this.#nextAt !== undefined && { nextAt: isoOf(this.#nextAt) }) },
      ...(this.#cause && { cause: this.#cause }),
    }
  }

  /** Starts it; it is not started again before `keep`. @throws {DhnError} why it couldn't be started */
  async begin(): Promise<void> {
    this.#become('starting')
    this.#nextAt = undefined
    this.#front = new FrontProcess(this.name, this.options)
    await this.#front.begin(this.options.beginning)
    if (this.#state === 'down') return
    this.#cause = undefined
    this.#become('serving')
    this.serves()
  }

  /** From now on it is started again when it has ended. */
  keep(): void {
    void this.#front?.ended.then((why) => {
      if (this.#state === 'down') return
      this.options.log.error({ front: this.name, why }, 'a front process ended and is started again')
      if (Date.now() - this.#since > healthy) this.#delay = firstDelay
      this.#again(new FrontEnded(why))
    })
  }

  /** It is not started again. */
  leave(): void {
    clearTimeout(this.#timer)
    this.#nextAt = undefined
    this.#state = 'down'
  }

  async stop(): Promise<void> {
    this.leave()
    this.#front?.kill()
    await this.#front?.ended
  }

  #become(state: FrontView['state']): void {
    this.#state = state
    this.#since = Date.now()
  }

  #again(cause: unknown): void {
    this.#become('waiting')
    this.#cause = errorAsData(cause)
    this.#nextAt = Date.now() + this.#delay
    this.#timer = setTimeout(() => void this.#restart(), this.#delay)
    this.#delay = Math.min(longestDelay, 2 * this.#delay)
  }

  async #restart(): Promise<void> {
    this.#restarts += 1
    try {
      await this.begin()
      this.options.log.info({ front: this.name, pid: this.#front?.pid }, 'a front process serves again')
      this.keep()
    } catch (error) {
      if (this.#state === 'down') return
      this.options.log.error({ front: this.name, err: error }, 'a front process could not be started')
      this.#again(error)
    }
  }
}

const isoOf = (time: number): string => new Date(time).toISOString()
