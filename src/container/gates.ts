import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import type { ServiceReference } from '../archive/service-profile.ts'
import { DhnError } from '../service/errors.ts'

/** Tells what is still missing each time that changes. */
type Missing = (what: readonly string[]) => void

/** Something that must be there before a running instance is told `ready()`. */
export type Gate = (missing: Missing, signal: AbortSignal) => Promise<void>

/** Waits until all gates have let it pass; `waits` hears what all of them miss, each time that changes. */
export async function passGates(gates: readonly Gate[], waits: Missing, signal: AbortSignal): Promise<void> {
  const missing = gates.map((): readonly string[] => [])
  const tell = (index: number, what: readonly string[]): void => {
    if (signal.aborted || sameTexts(missing[index] ?? [], what)) return
    missing[index] = what
    waits(missing.flat())
  }
  await Promise.all(
    gates.map(async (gate, index) => {
      await gate((what) => tell(index, what), signal)
      tell(index, [])
    }),
  )
}

export class StateFolderUnusable extends DhnError {
  readonly code = 'DHN_STATE_UNUSABLE'
  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(`the service's state can't be kept in ${directory}: ${(cause as Error).message}`, {
      cause,
      next: 'give the node the right to read and write that folder, then restart the running instance',
    })
  }
}

/** The service's persistent folder is there and can be read and written. */
export function persistedState(directory: string): Gate {
  return async () => {
    try {
      if (!(await stat(directory)).isDirectory()) throw new Error('it is not a folder')
      await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      throw new StateFolderUnusable(directory, error)
    }
  }
}

/** What a waiting instance sees of the others. */
export interface Others {
  /** Those of `services` that aren't ready on this node, as `Class/Name`. */
  missing(services: readonly ServiceReference[]): readonly string[]
  /** Calls back when any instance has changed its state; returns how to stop that. */
  onChange(listener: () => void): () => void
}

/** Every service that this one depends on is ready on this node. */
export function dependencies(services: readonly ServiceReference[], others: Others): Gate {
  return (missing, signal) =>
    new Promise((resolve) => {
      const look = (): void => {
        const still = others.missing(services)
        missing(still)
        if (still.length > 0 && !signal.aborted) return
        stop()
        resolve()
      }
      const stop = others.onChange(look)
      signal.addEventListener('abort', look, { once: true })
      look()
    })
}

const sameTexts = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((text, index) => text === others[index])
