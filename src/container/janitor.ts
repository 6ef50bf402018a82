import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { inject, injectable } from 'inversify'
import { errorAsData } from '../service/errors.ts'
import { failpoint } from '../store/failpoint.ts'
import type { VersionRecord } from '../store/records.ts'
import { ContainerConfig } from './container-config.ts'
import { type Named, tidy } from './content.ts'
import { Holds } from './holds.ts'
import { NodeLog } from './node-log.ts'
import { NodeStore } from './node-store.ts'

/**
 * Takes away what nothing names any more. Whether it succeeds is no part of the success of an operation: what it leaves
 * goes the next time, or when the node starts.
 */
@injectable()
export class Janitor {
  #working: Promise<void> = Promise.resolve()
  /** What could not be removed. */
  readonly #left = new Set<string>()

  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(Holds) private readonly holds: Holds,
    @inject(NodeLog) private readonly log: NodeLog,
  ) {}

  /** Resolves when it is tidy, or when that could not be done, which is only logged. */
  tidy(): Promise<void> {
    this.#working = this.#working.then(async () => {
      await this.remove()
      const rubbish = this.config.home.staging(`rubbish-${randomUUID()}`)
      try {
        await failpoint('tidy.begun')
        await tidy(this.config.home, this.named(), rubbish)
        await failpoint('tidy.ended')
      } catch (error) {
        this.#left.add(rubbish)
        this.log.warn({ error: errorAsData(error) }, 'what is not used any more could not be removed')
      }
    })
    return this.#working
  }

  /** Removes what an operation has made for itself in the staging folder, and what could not be removed before. */
  async remove(...paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#left.add(path)
    for (const path of this.#left) {
      try {
        await rm(path, { recursive: true, force: true })
        this.#left.delete(path)
      } catch {
        // The next one tries again.
      }
    }
  }

  /** What the store and the operations under way name. */
  named(): Named {
    const versions = this.store
      .deployments()
      .flatMap(({ garId, live }) => kept(this.store.history(garId), live, this.config.keptVersions))
    const holds = this.holds.all()
    return {
      deployments: [...versions, ...holds.flatMap(({ deployments }) => deployments ?? [])],
      archives: [...versions.map(({ digest }) => digest), ...holds.flatMap(({ archives }) => archives ?? [])],
      stubs: [...this.store.stubs(), ...holds.flatMap(({ stubs }) => stubs ?? [])],
    }
  }
}

/** The live version, and the newest ones before it that have been ready: `most` different contents in all. */
function kept(history: readonly VersionRecord[], live: number, most: number): readonly VersionRecord[] {
  const digests = new Set<string>()
  const candidates = history.filter(({ number, verdict }) => number === live || (number < live && verdict === 'ready'))
  return candidates.filter(({ digest }) => digests.has(digest) || (digests.size < most && digests.add(digest)))
}
