/** The one of `words` that `word` was probably meant to be; undefined when none is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  const ranked = words
    .map((candidate) => ({ candidate, steps: distance(lower, candidate.toLowerCase()) }))
    .sort((one, other) => one.steps - other.steps)
  const best = ranked[0]
  return best !== undefined && best.steps <= Math.max(2, word.length / 4) ? best.candidate : undefined
}

/** How many letters must be added, taken away or changed. */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const changed = (above[column - 1] as number) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(changed, (above[column] as number) + 1, (current[column - 1] as number) + 1))
    }
    above = current
  }
  return above[to.length] as number
}
