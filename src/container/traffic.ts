import type { Place } from '../isolate/place.ts'
import { type Reply, refuse } from './reply.ts'

/**
 * The calls of one incarnation: whether they are let in, and how many are inside.
 *
 * The request path reads `refusal` and `place`, two plain fields that change when the incarnation changes its state.
 */
export class Traffic {
  /** Why calls are refused; undefined while they are let in. */
  refusal: Reply | undefined = refuse('DHN_NOT_READY_YET', 'the service is not ready yet', 1)
  /** Where calls go; there is one whenever `refusal` is undefined. */
  place: Place | undefined
  #inside = 0
  #idle: (() => void)[] = []

  get inside(): number {
    return this.#inside
  }

  enter(): void {
    this.#inside += 1
  }

  leave(): void {
    this.#inside -= 1
    if (this.#inside > 0 || this.#idle.length === 0) return
    const waiting = this.#idle
    this.#idle = []
    for (const resume of waiting) resume()
  }

  /** Waits for the calls inside to end, at most `deadline` milliseconds; resolves with how many were still inside then. */
  whenIdle(deadline: number): Promise<number> {
    if (this.#inside === 0) return Promise.resolve(0)
    return new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer)
        this.#idle = this.#idle.filter((other) => other !== resume)
        resolve(this.#inside)
      }
      const timer = setTimeout(resume, deadline)
      this.#idle.push(resume)
    })
  }
}
