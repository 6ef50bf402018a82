import { appendFile } from 'node:fs/promises'
import { startMark } from '../logs/log-policy.ts'

/** Where what services print goes. */
export interface ServiceOutput {
  /**
   * Writes into `log` that a start begins, and resolves with the pipe to print into; undefined: into the log itself.
   */
  begin(log: string, mark: string): Promise<string | undefined>
  /** Resolves when all that was printed so far is in the log. */
  flush(log: string): Promise<void>
}

/** The interface and its token share a name. */
export const ServiceOutput = Symbol('ServiceOutput')

/** Services print into their logs themselves, and nobody rotates them. */
export const directOutput: ServiceOutput = {
  async begin(log, mark) {
    await appendFile(log, `${String.fromCharCode(startMark)}${mark}\n`, { mode: 0o600 })
    return undefined
  },
  flush: async () => {},
}
