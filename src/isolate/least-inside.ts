/** Something that calls are inside of. */
interface Busy {
  readonly inside: number
}

/**
 * Chooses the one with the fewest calls inside; of several such ones the first at or after `from`, so that whoever counts
 * `from` on takes them in turns. -1 when there is none.
 */
export function leastInside(choice: readonly Busy[], from: number): number {
  let best = -1
  let fewest = Number.POSITIVE_INFINITY
  for (let step = 0; step < choice.length; step += 1) {
    const at = (from + step) % choice.length
    const { inside } = choice[at] as Busy
    if (inside >= fewest) continue
    fewest = inside
    best = at
    if (inside === 0) break
  }
  return best
}
