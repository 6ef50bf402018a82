/** How large a log becomes and how long it is kept. Sizes are bytes, times milliseconds. */
export interface LogPolicy {
  /** A file that has grown to this is put aside, and a new one is begun. */
  readonly fileSize: number
  /** So is one that was begun so long ago. */
  readonly fileAge: number
  /** All files of one log together; the oldest go first. */
  readonly keptSize: number
  /** A file to which nothing was written for so long goes, whatever its size. */
  readonly keptFor: number
}

/**
 * Stands at the beginning of the line that marks a start. The keeper of logs replaces it in all that services write, so
 * that no service can make such a line (ASCII 30, record separator).
 */
export const startMark = 0x1e
