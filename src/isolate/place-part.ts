import { nextRestart, type RestartPolicy } from '../lifecycle/restart-policy.ts'
import type { ErrorData } from '../service/errors.ts'
import type { Place, PlacePart } from './place.ts'

/** One of the places of a group, over its restarts: which place it is now, how it is, and when it is started again. */
export class Part {
  place: Place
  inside = 0
  #state: PlacePart['state'] = 'starting'
  #since = Date.now()
  #cause: ErrorData | undefined
  #failures: number[] = []
  #restarts = 0
  #nextAt: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(private readonly make: (part: Part) => Place) {
    this.place = make(this)
  }

  get state(): PlacePart['state'] {
    return this.#state
  }

  get view(): PlacePart {
    const { pid, vitals } = this.place
    const [callSocket] = this.place.callSockets
    const lives = this.#state === 'serving' || this.#state === 'starting'
    return {
      state: this.#state,
      since: this.#since,
      inside: this.inside,
      restarts: this.#restarts,
      ...(lives && pid !== undefined ? { pid } : {}),
      ...(lives && callSocket !== undefined ? { callSocket } : {}),
      ...(lives && vitals !== undefined ? { vitals } : {}),
      ...(this.#cause === undefined ? {} : { cause: this.#cause }),
      ...(this.#nextAt === undefined ? {} : { nextAt: this.#nextAt }),
    }
  }

  serves(): void {
    this.#enter('serving')
    this.#cause = undefined
  }

  /** It has failed. `restart` is called when `policy` says so, with a fresh place; never when the policy gives up. */
  fails(cause: ErrorData, policy: RestartPolicy, restart: () => void): void {
    const now = Date.now()
    if (this.#state === 'serving' && now - this.#since >= policy.healthyAfter) this.#failures = []
    this.#failures.push(now)
    this.#cause = cause
    const next = nextRestart(policy, this.#failures, now, Math.random)
    if ('gaveUp' in next) {
      this.#enter('down')
      return
    }
    this.#enter('waiting')
    this.#nextAt = next.at
    this.#timer = setTimeout(() => {
      this.#restarts += 1
      this.place = this.make(this)
      this.inside = 0
      this.#enter('starting')
      restart()
    }, next.at - now)
  }

  /** Nothing is started again. */
  rests(): void {
    clearTimeout(this.#timer)
    this.#enter('down')
  }

  #enter(state: PlacePart['state']): void {
    this.#state = state
    this.#since = Date.now()
    this.#nextAt = undefined
  }
}
