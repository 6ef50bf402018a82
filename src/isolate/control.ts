import type { ErrorData } from '../service/errors.ts'
import type { ConfigurationTree } from '../service/runtime.ts'
import type { SharedRequest } from '../service/shared-request.ts'
import type { CallbackName, PlaceSpec, Registration, RequestedState } from './place.ts'

/** What the host says to a place besides calls. An `id` is answered with `done`. */
export type ToInstance =
  /** What the services may see of the configuration is this from now on; the first one comes before `start`. */
  | { readonly what: 'configuration'; readonly configuration: ConfigurationTree }
  | { readonly what: 'start'; readonly spec: PlaceSpec }
  | { readonly what: 'callback'; readonly id: number; readonly name: CallbackName }
  | { readonly what: 'credentials'; readonly id: number; readonly pem: string; readonly scope?: string }
  | { readonly what: 'answer'; readonly id: number; readonly value?: string; readonly error?: ErrorData }
  /** So many more parts of the body of this call may come. */
  | { readonly what: 'more'; readonly id: number; readonly parts: number }
  /** Nobody reads the body of this call any more. */
  | { readonly what: 'enough'; readonly id: number }
  /** Answered with `alive` as soon as the event loop comes round. */
  | { readonly what: 'beat' }
  | { readonly what: 'stop' }

/** What a place says to its host besides replies. An `id` is answered with `answer`. */
export type FromInstance =
  | { readonly what: 'registered'; readonly registration: Registration }
  /** The start failed. */
  | { readonly what: 'failed'; readonly error: ErrorData }
  | { readonly what: 'done'; readonly id: number; readonly error?: ErrorData }
  | { readonly what: 'state'; readonly id: number; readonly state: RequestedState; readonly reason?: string }
  | { readonly what: 'address'; readonly id: number; readonly service: string }
  | { readonly what: 'shared'; readonly id: number; readonly request: SharedRequest }
  /** Since the last one the event loop was busy for a share `busy` of the time; `heap` bytes are in use. */
  | { readonly what: 'alive'; readonly busy: number; readonly heap: number }
  /** Last words: the process ends now. */
  | { readonly what: 'crashed'; readonly error: ErrorData }
