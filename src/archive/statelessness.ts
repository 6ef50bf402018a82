import type { Gar } from './archive.ts'
import { wordsOf } from './archive-words.ts'
import type { Problem } from './problem.ts'

const NAME = 'stateless'

/**
 * Whether an archive says of its service that it keeps nothing from one call to the next, so that each call may go to another
 * copy of it. One that says nothing isn't; where it says several things, all must say so.
 */
export function isStateless(gar: Gar): boolean {
  const said = wordsOf(gar, NAME)
  return said.length > 0 && said.every(({ word }) => word === 'true')
}

/** A word that leaves it open. */
export function checkStatelessness(gar: Gar): readonly Problem[] {
  return wordsOf(gar, NAME)
    .filter(({ word }) => word !== 'true' && word !== 'false')
    .map(({ word, file }) => ({
      level: 'error',
      code: 'stateless',
      message: `stateless is "${word}": an archive says true or false`,
      file,
    }))
}
