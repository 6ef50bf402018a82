import type { Gar } from './archive.ts'
import { wordsOf } from './archive-words.ts'
import type { Problem } from './problem.ts'

/** The rungs of the isolation ladder that an archive may ask for. */
export type IsolationWish = 'process' | 'thread'

const NAME = 'isolation'

/**
 * Where an archive would like its service to run. Undefined when it says nothing; where it says several things, the stricter
 * one. Whether it gets it is the operator's to say.
 */
export function isolationWish(gar: Gar): IsolationWish | undefined {
  const said = wordsOf(gar, NAME)
  if (said.length === 0) return undefined
  return said.every(({ word }) => word === 'thread') ? 'thread' : 'process'
}

/** A word that is no wish an archive can have. */
export function checkIsolationWish(gar: Gar): readonly Problem[] {
  return wordsOf(gar, NAME)
    .filter(({ word }) => word !== 'process' && word !== 'thread')
    .map(({ word, file }) => ({
      level: 'error',
      code: 'isolation',
      message:
        word === 'none'
          ? "isolation none is for the node's own services: an archive asks for process or thread"
          : `there is no isolation "${word}": an archive asks for process or thread`,
      file,
    }))
}
