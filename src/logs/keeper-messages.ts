import type { LogPolicy } from './log-policy.ts'

/** What the node says to the keeper of logs, a line of JSON each. */
export type ToKeeper =
  | { readonly what: 'policy'; readonly policy: LogPolicy }
  /** From now on what comes out of `pipe` goes into `log`. */
  | { readonly what: 'open'; readonly log: string; readonly pipe: string }
  /** Puts a line into the log that marks a start, and is answered with `done` then. */
  | { readonly what: 'mark'; readonly log: string; readonly id: number; readonly text: string }
  /** Answered with `done` when all that is in the pipe now is in the log. */
  | { readonly what: 'flush'; readonly log: string; readonly id: number }

export interface FromKeeper {
  readonly what: 'done'
  readonly id: number
}
