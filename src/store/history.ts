import type { VersionRecord } from './records.ts'

const kept = 50

/**
 * The version that a rollback goes to: the newest one before the live one that has been ready.
 *
 * @param history newest first
 */
export function rollbackTarget(history: readonly VersionRecord[], live: number): VersionRecord | undefined {
  return history.find(({ number, verdict }) => number < live && verdict === 'ready')
}

/**
 * The versions that may be forgotten, so that a history doesn't grow for ever: all but the newest 50, the live one and
 * the one that a rollback goes to.
 *
 * @param history newest first
 * @param live the live version's number; undefined when the GAR isn't deployed
 */
export function droppable(history: readonly VersionRecord[], live: number | undefined): readonly VersionRecord[] {
  const target = live === undefined ? undefined : rollbackTarget(history, live)
  return history.slice(kept).filter((version) => version.number !== live && version !== target)
}
