import type { ErrorData } from '../service/errors.ts'
import type { FrameReceiver } from './frames.ts'
import type { PlaceSpec, PlaceVitals } from './place.ts'

/** Sends frames the one way: gathered, those of one turn of the event loop together. */
export interface FrameSink {
  /** `told`: what is told of the call, as JSON text. False, and nothing is sent, when the frame would be too large. */
  call(id: number, endpoint: number, method: string, args: string, told?: string): boolean
  control(message: object): boolean
}

/**
 * What carries a service and the frames to it: a process, or a thread. The place it is used by knows the protocol, the
 * carrier only how things get there and how it ends.
 */
export interface Carrier {
  readonly pid: number | undefined
  /** Where fronts connect to it; undefined where they can't. */
  readonly callSocket?: string | undefined
  readonly writer: FrameSink
  /** Resolves with why it ended once it is gone and everything it sent was read; never rejects. */
  readonly ended: Promise<ErrorData>
  /** Looks at what the system knows of it; a carrier over its limits throws why it must end. */
  look(): PlaceVitals
  /** Ends it and all it has started, at once. */
  kill(): void
}

/** @throws {DhnError} why there can't be one now */
export type MakeCarrier = (spec: PlaceSpec, receiver: FrameReceiver) => Carrier
