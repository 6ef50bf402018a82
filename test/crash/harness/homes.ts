import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { initializeHome } from '../../../src/config.ts'
import { keptVersions } from './invariants.ts'
import type { Gar } from './services.ts'

/** Makes homes that are alike, each with a configuration that suits being killed all the time. */
export class Homes {
  #made = 0

  private constructor(
    private readonly folder: string,
    private readonly threads: readonly string[],
    private readonly fronts: number,
  ) {}

  /** @param fronts how many front processes every third home has; the nodes of the others are their own */
  static async make(folder: string, gars: readonly Gar[], fronts = 1): Promise<Homes> {
    mkdirSync(folder, { recursive: true })
    const threads = gars.filter(({ thread }) => thread).map(({ garId }) => garId)
    const homes = new Homes(realpathSync(folder), threads, fronts)
    await initializeHome(homes.#template)
    return homes
  }

  /** The real path of a fresh home. */
  next(): string {
    const home = this.place()
    cpSync(this.#template, home, { recursive: true })
    const fronts = this.#made % 3 === 0 ? this.fronts : 1
    writeFileSync(join(home, 'etc', 'dhn.cfg'), configuration(this.threads, fronts))
    return home
  }

  /** The path of a folder that isn't there yet. */
  place(): string {
    this.#made += 1
    return join(this.folder, `home-${this.#made}`)
  }

  get #template(): string {
    return join(this.folder, 'template')
  }

  remove(home: string): void {
    rmSync(home, { recursive: true, force: true, maxRetries: 20 })
  }
}

/** Restarts come soon and never end; two versions are kept, so that there is always something to tidy up. */
const configuration = (threads: readonly string[], fronts: number): string => `DHN
{
  Fronts = ${fronts}
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
