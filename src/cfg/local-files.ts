import { join, resolve } from 'node:path'
import { listOf } from './cfg.ts'

export interface LocalFile {
  readonly file: string
  /** Somebody named it, so it must be there; the others are read where they exist. */
  readonly named: boolean
}

/** Where the files of a program's configuration are looked for. */
export interface LocalPlaces {
  /** The folder whose `etc/dirac.cfg` is the installation's. */
  readonly root: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The program's own, such as `etc/dhn.cfg`. */
  readonly own?: readonly LocalFile[]
  /** Given on the command line. */
  readonly given?: readonly string[]
}

/**
 * The files that DIRAC's local configuration is merged from, the weakest first: the installation's, those of
 * `DIRACSYSCONFIG` (the first of its list has the last word), the user's `~/.dirac.cfg`, the program's own, those of the
 * command line.
 *
 * @see dirac-https.md 8
 */
export function localFiles({ root, environment = {}, own = [], given = [] }: LocalPlaces): readonly LocalFile[] {
  const { DIRACSYSCONFIG: system = '', HOME: userHome } = environment
  return [
    { file: join(root, 'etc', 'dirac.cfg'), named: false },
    ...listOf(system)
      .reverse()
      .map((file) => ({ file: resolve(file), named: true })),
    ...(userHome === undefined ? [] : [{ file: join(userHome, '.dirac.cfg'), named: false }]),
    ...own,
    ...given.map((file) => ({ file: resolve(file), named: true })),
  ]
}
