import { type CfgEntry, type CfgSection, isSection } from 'dhn/cfg'

/** Both sides have changed the same entry, and not in the same way. */
export class ChangesConflict extends Error {
  constructor(readonly path: string) {
    super(`${path} has been changed by both`)
  }
}

/**
 * The configuration with the changes of both, who began with `base`.
 *
 * @throws {ChangesConflict}
 */
export function mergeChanges(base: CfgSection, mine: CfgSection, theirs: CfgSection, path = ''): CfgSection {
  const entries = new Map<string, CfgEntry>()
  for (const name of new Set([...mine.entries.keys(), ...theirs.entries.keys()])) {
    const merged = mergeEntry(
      base.entries.get(name),
      mine.entries.get(name),
      theirs.entries.get(name),
      `${path}/${name}`,
    )
    if (merged !== undefined) entries.set(name, merged)
  }
  const comment = theirs.comment === base.comment ? mine.comment : theirs.comment
  return { comment, line: 0, entries }
}

function mergeEntry(
  base: CfgEntry | undefined,
  mine: CfgEntry | undefined,
  theirs: CfgEntry | undefined,
  path: string,
): CfgEntry | undefined {
  if (isSame(base, theirs) || isSame(mine, theirs)) return mine
  if (isSame(base, mine)) return theirs
  if (isSection(mine) && isSection(theirs) && (base === undefined || isSection(base))) {
    return mergeChanges(base ?? { comment: '', line: 0, entries: new Map() }, mine, theirs, path)
  }
  throw new ChangesConflict(path)
}

/** But for where they stand: order and lines don't matter. */
function isSame(one: CfgEntry | undefined, other: CfgEntry | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  if (one.comment !== other.comment) return false
  if (!isSection(one) || !isSection(other)) return 'value' in one && 'value' in other && one.value === other.value
  return (
    one.entries.size === other.entries.size &&
    [...one.entries].every(([name, entry]) => isSame(entry, other.entries.get(name)))
  )
}
