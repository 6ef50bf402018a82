/** What a place asks of the node about what is shared. Values are canonical JSON text, which the node doesn't read. */
export type SharedRequest =
  /** Answered with the text; with nothing when there is none. */
  | { readonly do: 'get'; readonly key: string }
  /**
   * Only if the text is `expected`, or if there is none when that is null; absent: in any case. Answered with `yes` when it
   * was put there.
   */
  | {
      readonly do: 'put'
      readonly key: string
      readonly text: string
      readonly ttl?: number
      readonly expected?: string | null
    }
  /** Answered with `yes` when there was one. */
  | { readonly do: 'delete'; readonly key: string }
  /** Answered with a JSON list. */
  | { readonly do: 'keys'; readonly prefix: string }
  /** Answered with the number of the lease; with nothing when somebody has it. */
  | { readonly do: 'lease'; readonly name: string; readonly ttl: number }
  /** Answered with `yes` when it is still held. */
  | { readonly do: 'renew'; readonly lease: number }
  | { readonly do: 'release'; readonly lease: number }

export const yes = 'yes'

/** A place's way to whoever keeps what is shared. */
export type AskShared = (request: SharedRequest) => Promise<string | undefined>
