import type { ServerResponse } from 'node:http'

export interface ReadingLimits {
  /** Milliseconds in which nothing of an answer is read. */
  readonly idle: number
  /** Milliseconds from the first byte of an answer to its last. */
  readonly whole: number
  /** Bytes of all answers together. */
  readonly unread: number
}

/**
 * Long answers that wait for their callers to read them. Whoever reads nothing, or too slowly, is cut; when they are too
 * many bytes together, the one that has waited longest is. What a caller doesn't read is kept in this process, as much as
 * callers like to ask for.
 */
export class UnreadAnswers {
  /** With their bytes, the oldest first. */
  readonly #waiting = new Map<ServerResponse, number>()
  #bytes = 0

  constructor(private readonly limits: ReadingLimits) {}

  get bytes(): number {
    return this.#bytes
  }

  /** To be called right after the end of `response`, whose body has so many bytes. */
  add(response: ServerResponse, bytes: number): void {
    this.#waiting.set(response, bytes)
    this.#bytes += bytes
    const cut = (): void => void response.destroy()
    response.setTimeout(this.limits.idle, cut)
    const late = setTimeout(cut, this.limits.whole)
    response.once('close', () => {
      clearTimeout(late)
      this.#forget(response)
    })
    this.#cutOldest(response)
  }

  /** For an answer that comes part by part, of which next to nothing is kept here: whoever reads nothing of it is cut. */
  watch(response: ServerResponse): void {
    response.setTimeout(this.limits.idle, () => void response.destroy())
  }

  #cutOldest(newest: ServerResponse): void {
    for (const oldest of this.#waiting.keys()) {
      if (this.#bytes <= this.limits.unread || oldest === newest) return
      this.#forget(oldest)
      oldest.destroy()
    }
  }

  #forget(response: ServerResponse): void {
    this.#bytes -= this.#waiting.get(response) ?? 0
    this.#waiting.delete(response)
  }
}
