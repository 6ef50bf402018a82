import { homedir } from 'node:os'

/** What a client takes from where it runs. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whose proxy is the default one; undefined where users have no numbers. */
  readonly uid: number | undefined
  /** The installation: `etc/dirac.cfg` and `etc/grid-security` below it count. */
  readonly root: string
}

/** Those of this process, as DIRAC's programs see theirs; the installation is named by `DIRAC`. */
export function ofThisProcess(): Surroundings {
  const { env } = process
  return {
    environment: env.HOME === undefined ? { ...env, HOME: homedir() } : env,
    uid: process.getuid?.(),
    root: env.DIRAC || '/opt/dirac',
  }
}
