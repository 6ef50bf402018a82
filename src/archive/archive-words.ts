import type { Gar } from './archive.ts'
import { bindJndi } from './bind-jndi.ts'

/** What an archive says of itself under some name, and the file that says it. */
export interface ArchiveWord {
  readonly word: string
  readonly file: string
}

/**
 * What a GAR says under `name` to the node that is to run it: the parameter of that name of `globalConfiguration` in each
 * of its WSDDs, and the environment entry of that name in its JNDI configuration.
 */
export function wordsOf({ descriptors, jndi }: Gar, name: string): readonly ArchiveWord[] {
  const words = [descriptors.secure, descriptors.open].flatMap((descriptor) => {
    const word = descriptor?.wsdd.globalParameters.get(name)
    return descriptor === undefined || word === undefined ? [] : [{ word: word.trim(), file: descriptor.path }]
  })
  const bound = jndi === undefined ? undefined : bindJndi(jndi.config)[`java:comp/env/${name}`]
  if (typeof bound !== 'string' && typeof bound !== 'boolean') return words
  return [...words, { word: String(bound).trim(), file: jndi?.path ?? '' }]
}
