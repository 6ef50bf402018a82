import type { CallCounts } from './call-figures.ts'
import type { Target } from './endpoints.ts'
import type { Reply } from './reply.ts'
import type { RuledTarget } from './service-rules.ts'

// What the node tells its fronts so that they can take calls, and what they tell of them: plain data, in this order.

/** One WSDD service of an incarnation, but for what each front makes by itself. */
export type OfferedTarget = Omit<Target, 'methods' | 'rules' | 'traffic' | 'calls'> & {
  readonly methods: readonly string[]
  /** What its rules are made of. */
  readonly ruled?: RuledTarget
}

/** `id` names an incarnation for as long as the node runs. */
export type TableChange =
  /** It has registered: this can be called at these sockets, when its gate opens. */
  | {
      readonly what: 'offer'
      readonly id: number
      readonly targets: readonly OfferedTarget[]
      readonly sockets: readonly string[]
    }
  /** Calls are refused with this from now on, or let in. */
  | { readonly what: 'gate'; readonly id: number; readonly refusal: Reply | undefined }
  /** From now on this incarnation is all that is served of a GAR; none: nothing of it is. */
  | { readonly what: 'switch'; readonly garId: string; readonly id: number | undefined }
  /** It has ended. */
  | { readonly what: 'forget'; readonly id: number }

/** Of the calls of one incarnation at one front. */
export interface FollowedCalls {
  readonly id: number
  /** Since this was told last. */
  readonly counts: CallCounts
  /** Now. */
  readonly inside: number
  readonly bytes: number
  /** Of those inside, how many each place has to answer, by its socket. */
  readonly places: Readonly<Record<string, number>>
}
