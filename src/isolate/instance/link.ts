import type { AnswerHead, ContentType, FrameReceiver, PartState } from '../frames.ts'

/** A service's end of what carries its frames. */
export interface Link {
  readonly writer: {
    /** False, and nothing is sent, when the frame would be too large. */
    reply(id: number, status: number, contentType: ContentType, body: string | Uint8Array): boolean
    /** A reply that says more of itself. False, and nothing is sent, when the frame would be too large. */
    answer(id: number, status: number, head: AnswerHead, body: string | Uint8Array): boolean
    part(id: number, state: PartState, bytes: Uint8Array): void
    control(message: object): boolean
    /** Sends what was gathered now; `written` is called when it is on its way. */
    flush(written?: () => void): void
  }
  /** Ends the service: the node is gone, or lost its senses, and no code of the service may delay that. */
  endAtOnce(): void
}

export type Connect = (receiver: FrameReceiver) => Link
