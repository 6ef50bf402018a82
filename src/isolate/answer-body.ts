import { Readable } from 'node:stream'
import { FrameInvalid, PART, WINDOW } from './frames.ts'
import { AnswerBroken } from './place-errors.ts'

/** So many parts are taken before more are asked for. */
const batch = WINDOW / 2

/** Asks the service for parts of a body. */
export interface PartSource {
  more(parts: number): void
  /** No part is wanted any more. */
  enough(): void
}

/**
 * A body that comes from a service part by part, no faster than it is read: no more than `WINDOW` parts of it are here at a
 * time.
 */
export class AnswerBody extends Readable {
  readonly #parts: Buffer[] = []
  #taken = 0
  #isWanted = false
  #isWhole = false

  constructor(private readonly source: PartSource) {
    super({ highWaterMark: PART })
    // It may break off before anybody listens, which must not end the node.
    this.on('error', () => undefined)
  }

  /** @throws {FrameInvalid} the service sends more than it was asked for */
  receive(bytes: Buffer): void {
    if (this.#parts.length >= WINDOW) throw new FrameInvalid('it carried more of a body than was asked for')
    this.#parts.push(bytes)
    this.#flow()
  }

  /** The last part has come. */
  end(): void {
    this.#isWhole = true
    this.#flow()
  }

  /** The rest will never come. */
  break(): void {
    this.#isWhole = true
    this.destroy(new AnswerBroken())
  }

  override _read(): void {
    this.#isWanted = true
    this.#flow()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isWhole) this.source.enough()
    this.#parts.length = 0
    done(error)
  }

  #flow(): void {
    while (this.#isWanted) {
      const part = this.#parts.shift()
      if (part === undefined) break
      this.#taken += 1
      if (this.#taken >= batch && !this.#isWhole) {
        this.source.more(this.#taken)
        this.#taken = 0
      }
      this.#isWanted = this.push(part)
    }
    if (this.#isWanted && this.#isWhole && this.#parts.length === 0) {
      this.#isWanted = false
      this.push(null)
    }
  }
}
