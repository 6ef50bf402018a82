import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, injectable } from 'inversify'
import type { Archive } from '../archive/archive.ts'
import { problemsFor } from '../archive/descriptor-for.ts'
import { readArchive } from '../archive/read-archive.ts'
import { errorAsData } from '../service/errors.ts'
import { failpoint } from '../store/failpoint.ts'
import { rollbackTarget } from '../store/history.ts'
import type { VersionRecord } from '../store/records.ts'
import { noVersions, refuseConfigured } from './configured-services.ts'
import { ContainerConfig } from './container-config.ts'
import { readManifest, StagedContent } from './content.ts'
import type { DeployRequest, Operation } from './hosting-node.ts'
import { InstanceRegistry } from './instance-registry.ts'
import { Janitor } from './janitor.ts'
import { makeManifest } from './make-manifest.ts'
import { NodeStore } from './node-store.ts'
import type { RunningOperation } from './operation.ts'
import { Operations } from './operations.ts'
import { DeploymentUnknown, NoEarlierVersion } from './plan-errors.ts'
import { Planner } from './planner.ts'
import { ContentMissing, Restorer } from './restorer.ts'
import { Takeover, type Wish } from './takeover.ts'
import { Turns } from './turns.ts'
import type { Plan } from './views.ts'

const reading = '*reading'

/** Makes an archive, or an earlier version of a GAR, the live one. */
@injectable()
export class Deployer {
  constructor(
    @inject(ContainerConfig) private readonly config: ContainerConfig,
    @inject(Operations) private readonly operations: Operations,
    @inject(Turns) private readonly turns: Turns,
    @inject(Planner) private readonly planner: Planner,
    @inject(Takeover) private readonly takeover: Takeover,
    @inject(Restorer) private readonly restorer: Restorer,
    @inject(InstanceRegistry) private readonly registry: InstanceRegistry,
    @inject(NodeStore) private readonly store: NodeStore,
    @inject(Janitor) private readonly janitor: Janitor,
  ) {}

  /** What deploying would change. The file is left where it is. */
  async plan(request: DeployRequest, id: string): Promise<Plan> {
    const staging = this.config.home.staging(id)
    await mkdir(staging, { recursive: true })
    try {
      const archive = await this.#read(request, staging)
      const manifest = makeManifest(archive, request.name)
      return this.planner.deploy(manifest, request.mode, problemsFor(archive, request.mode))
    } finally {
      await this.janitor.remove(staging)
    }
  }

  deploy(request: DeployRequest): Operation {
    // Until it was read, the archive is known by its file name.
    const garId = request.name.replace(/\.(gar|tar\.gz|tgz|gz)$/, '')
    let hasBegun = false
    const deploying = this.operations.run('DEPLOY', garId, async (operation) => {
      hasBegun = true
      const staging = this.config.home.staging(operation.id)
      try {
        await mkdir(staging, { recursive: true })
        return await this.#deploy(operation, request, staging)
      } finally {
        await this.janitor.remove(staging, request.file)
      }
    })
    // Of one whose beginning could not be kept the archive is removed as well.
    void deploying.closed.then(() => (hasBegun ? undefined : this.janitor.remove(request.file)))
    return deploying
  }

  async #deploy(operation: RunningOperation, request: DeployRequest, staging: string): Promise<'done' | 'unchanged'> {
    await failpoint('deploy.received')
    const archive = await operation.step('read', () => this.#read(request, staging))
    await failpoint('deploy.read')
    operation.names(archive.id)
    const problems = problemsFor(archive, request.mode)
    operation.notices(problems)
    const manifest = makeManifest(archive, request.name)
    const wish: Wish = {
      type: 'deploy',
      manifest,
      mode: request.mode,
      content: new StagedContent(this.config.home, staging, archive, manifest, request.file),
      plan: () => this.planner.deploy(manifest, request.mode, problems),
    }
    return await this.takeover.bring(operation, archive.id, async () => wish)
  }

  /** What a rollback would change. */
  planRollback(garId: string): Plan {
    refuseConfigured(this.registry.get(garId)?.manifest, noVersions)
    const version = this.#earlier(garId)
    const manifest = version && readManifest(this.config.home, version)
    if (version !== undefined && manifest === undefined) {
      const missing = new ContentMissing(garId, version.number, version.archive)
      return { ...this.planner.rollback(garId, undefined), errors: [errorAsData(missing)] }
    }
    return this.planner.rollback(garId, version && manifest && { version, manifest })
  }

  /** @throws {DeploymentUnknown | ServiceConfigured} */
  rollback(garId: string): Operation {
    if (this.registry.get(garId) === undefined) throw new DeploymentUnknown(garId)
    refuseConfigured(this.registry.get(garId)?.manifest, noVersions)
    return this.operations.run('ROLLBACK', garId, async (operation) => {
      const staging = this.config.home.staging(operation.id)
      try {
        return await this.takeover.bring(operation, garId, () => this.#rollbackWish(garId, staging))
      } finally {
        await this.janitor.remove(staging)
      }
    })
  }

  async #rollbackWish(garId: string, staging: string): Promise<Wish> {
    if (this.registry.get(garId) === undefined) throw new DeploymentUnknown(garId)
    const version = this.#earlier(garId)
    if (version === undefined) throw new NoEarlierVersion(garId)
    await rm(staging, { recursive: true, force: true })
    await this.planner.look()
    const { manifest, content } = await this.restorer.find(version, staging, ({ carries }) => carries)
    return {
      type: 'rollback',
      manifest,
      mode: version.mode,
      again: version.again ?? version.number,
      ...(content === undefined ? {} : { content }),
      plan: () => this.planner.rollback(garId, { version, manifest }),
    }
  }

  /** The version to go back to: the newest one that was ready and came before what is live now. */
  #earlier(garId: string): VersionRecord | undefined {
    const live = this.registry.get(garId)?.version
    return live && rollbackTarget(this.store.history(garId), live.again ?? live.number)
  }

  async #read({ file, name, lenient }: DeployRequest, staging: string): Promise<Archive> {
    await this.planner.look()
    // One at a time: a thread that unpacks takes a processor.
    return await this.turns.with([reading], () =>
      readArchive(file, { name, staging: join(staging, 'unpacked'), limits: this.config.archives, lenient }),
    )
  }
}
