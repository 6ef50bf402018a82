import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { initializeHome } from '../../../src/config.ts'
import { keptVersions } from './invariants.ts'
import type { Gar } from './services.ts'

/** Makes homes that are alike, each with a configuration that suits being killed all the time. */
export class Homes {
  #made = 0

  private constructor(private readonly folder: string) {}

  static async make(folder: string, gars: readonly Gar[]): Promise<Homes> {
    mkdirSync(folder, { recursive: true })
    const homes = new Homes(realpathSync(folder))
    const template = join(homes.folder, 'template')
    await initializeHome(template)
    const threads = gars.filter(({ thread }) => thread).map(({ garId }) => garId)
    writeFileSync(join(template, 'etc', 'dhn.cfg'), configuration(threads))
    return homes
  }

  /** The real path of a fresh home. */
  next(): string {
    this.#made += 1
    const home = join(this.folder, `home-${this.#made}`)
    cpSync(join(this.folder, 'template'), home, { recursive: true })
    return home
  }

  remove(home: string): void {
    rmSync(home, { recursive: true, force: true, maxRetries: 20 })
  }
}

/** Restarts come soon and never end; two versions are kept, so that there is always something to tidy up. */
const configuration = (threads: readonly string[]): string => `DHN
{
  Isolation
  {
    ${threads.length === 0 ? '' : `Threads = ${threads.join(', ')}`}
  }
  Restart
  {
    FirstDelay = 50
    LongestDelay = 200
    Failures = 1000
  }
  Services
  {
    KeptVersions = ${keptVersions}
  }
}
`
