/** One answer of HTTP/1.1. */
export interface Answer {
  readonly status: number
  /** The server ends the connection after it. */
  readonly last: boolean
  /** Where an S_OK or S_ERROR shows. */
  readonly beginning: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')
/** Enough to see whether it says OK. */
const BEGINNING = 64

/**
 * Reads the answers to calls that wait for each other, as little of each as tells whether it was good: a load generator
 * must not cost more than the server.
 */
export class AnswerReader {
  #held: Buffer = Buffer.alloc(0)

  /** The answer that these bytes complete, or undefined. */
  read(chunk: Buffer): Answer | undefined {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    const headEnd = this.#held.indexOf(HEAD_END)
    if (headEnd === -1) return undefined
    const head = this.#held.toString('latin1', 0, headEnd)
    const body = headEnd + HEAD_END.length
    const status = Number(head.slice(9, 12))
    if (status === 100) {
      const rest = this.#held.subarray(body)
      this.#held = Buffer.alloc(0)
      return this.read(rest)
    }
    const end = this.#endOf(head, body)
    if (end === undefined || this.#held.length < end) return undefined
    const chunked = /\r\ntransfer-encoding:\s*chunked/i.test(head)
    const from = chunked ? this.#held.indexOf('\r\n', body) + 2 : body
    const beginning = this.#held.toString('latin1', from, Math.min(end, from + BEGINNING))
    this.#held = Buffer.alloc(0)
    return { status, last: /\r\nconnection:\s*close/i.test(head), beginning }
  }

  #endOf(head: string, body: number): number | undefined {
    const length = /\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1]
    if (length !== undefined) return body + Number(length)
    const last = this.#held.indexOf(LAST_CHUNK, body - 2)
    return last === -1 ? undefined : last + LAST_CHUNK.length
  }
}
