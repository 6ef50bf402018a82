import { type Expiry, endingSoon, expiryText, renewals } from '../security/expiries.ts'
import type { NodeLog } from './node-log.ts'

/** ms between two looks, and until something is warned of again. */
const interval = 60 * 60 * 1000
const again = 24 * 60 * 60 * 1000

/** Warns in the log of what callers are judged by and ends before long: once a day, until it is renewed. */
export class ExpiryWarnings {
  readonly #told = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly log: NodeLog,
    private readonly expiries: () => readonly Expiry[],
  ) {}

  start(): void {
    this.look(Date.now())
    this.#timer ??= setInterval(() => this.look(Date.now()), interval).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  look(now: number): void {
    for (const expiry of endingSoon(this.expiries(), now)) {
      const { what, name, at } = expiry
      const key = `${what} ${name} ${at}`
      if (now - (this.#told.get(key) ?? Number.NEGATIVE_INFINITY) < again) continue
      this.#told.set(key, now)
      const facts = { what, name, at: new Date(at).toISOString(), next: renewals[what] }
      if (at < now) this.log.error(facts, expiryText(expiry, now))
      else this.log.warn(facts, expiryText(expiry, now))
    }
  }
}
