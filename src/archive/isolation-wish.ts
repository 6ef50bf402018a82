import type { Gar } from './archive.ts'
import { bindJndi } from './bind-jndi.ts'
import type { Problem } from './problem.ts'

/** The rungs of the isolation ladder that an archive may ask for. */
export type IsolationWish = 'process' | 'thread'

const NAME = 'isolation'

/**
 * Where an archive would like its service to run: the parameter `isolation` of `globalConfiguration` in its WSDD, or the
 * environment entry of that name in its JNDI configuration. Undefined when it says nothing; where it says several things,
 * the stricter one. Whether it gets it is the operator's to say.
 */
export function isolationWish(gar: Gar): IsolationWish | undefined {
  const said = wordsOf(gar)
  if (said.length === 0) return undefined
  return said.every(({ word }) => word === 'thread') ? 'thread' : 'process'
}

/** A word that is no wish an archive can have. */
export function checkIsolationWish(gar: Gar): readonly Problem[] {
  return wordsOf(gar)
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

function wordsOf({ descriptors, jndi }: Gar): readonly { readonly word: string; readonly file: string }[] {
  const words = [descriptors.secure, descriptors.open].flatMap((descriptor) => {
    const word = descriptor?.wsdd.globalParameters.get(NAME)
    return descriptor === undefined || word === undefined ? [] : [{ word: word.trim(), file: descriptor.path }]
  })
  const bound = jndi === undefined ? undefined : bindJndi(jndi.config)[`java:comp/env/${NAME}`]
  return typeof bound === 'string' ? [...words, { word: bound.trim(), file: jndi?.path ?? '' }] : words
}
