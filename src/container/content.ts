import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Archive } from '../archive/archive.ts'
import { layOutDeployment } from '../archive/lay-out-deployment.ts'
import { moveIntoPlace, syncTree } from '../store/durable.ts'
import { failpoint } from '../store/failpoint.ts'
import type { Home } from '../store/home.ts'
import type { CarriedPackage, Manifest } from './manifest.ts'
import { type StubsContent, stubsFolder } from './stubs-folder.ts'

/** What must stay on disk; everything else in the folders of content is rubbish. */
export interface Named {
  readonly deployments: readonly { readonly garId: string; readonly digest: string }[]
  readonly stubs: readonly StubsContent[]
  readonly archives: readonly string[]
}

const manifestFile = 'deployment.json'

export const deploymentFolder = (home: Home, { garId, digest }: { garId: string; digest: string }): string =>
  home.deployments(garId, digest)

/** The folder that a service runs in: its deployment's, or an empty one where no archive brought it. */
export const runFolder = (home: Home, manifest: Manifest): string =>
  manifest.configured === undefined ? deploymentFolder(home, manifest) : home.var('configured', manifest.garId)

/** The manifest of a deployment that lies in its folder; undefined when the folder, or a readable manifest, isn't there. */
export function readManifest(
  home: Home,
  deployment: { readonly garId: string; readonly digest: string },
): Manifest | undefined {
  try {
    const text = readFileSync(join(deploymentFolder(home, deployment), manifestFile), 'utf8')
    const manifest = JSON.parse(text) as Manifest
    const fits = manifest.format === 2 && manifest.garId === deployment.garId && manifest.digest === deployment.digest
    return fits ? manifest : undefined
  } catch {
    return undefined
  }
}

/**
 * An archive's content on its way from the staging folder of one operation to where it stays.
 *
 * Until it is placed nothing of it is outside the staging folder; each part is placed by one rename of something that is
 * whole and on the disk already, so a part is there entirely or not at all, whenever the node ends.
 */
export class StagedContent {
  #placed = false

  constructor(
    private readonly home: Home,
    private readonly staging: string,
    private readonly archive: Archive,
    readonly manifest: Manifest,
    /** The archive file as given; undefined when it is kept already. */
    private readonly file: string | undefined,
  ) {}

  get placed(): boolean {
    return this.#placed
  }

  async stage(): Promise<void> {
    const deployment = join(this.staging, 'deployment')
    await layOutDeployment(this.archive, deployment)
    await writeFile(join(deployment, manifestFile), `${JSON.stringify(this.manifest, undefined, 2)}\n`)
    await mkdir(join(deployment, 'node_modules'))
    if (this.file !== undefined) await rename(this.file, join(this.staging, 'archive'))
  }

  async sync(): Promise<void> {
    await syncTree(this.staging)
  }

  /** Safe twice: what is there already stays, as its name says what is in it. */
  async place(): Promise<void> {
    if (this.#placed) return
    for (const [index, one] of this.archive.packages.entries()) {
      const carried = this.manifest.carries[index] as CarriedPackage
      await this.#move(one.root, stubsFolder(this.home, carried))
    }
    await failpoint('deploy.stubs-moved')
    await this.#move(join(this.staging, 'archive'), this.home.archives(this.manifest.digest))
    await failpoint('deploy.archive-kept')
    const folder = deploymentFolder(this.home, this.manifest)
    // One without a manifest isn't ours, whatever its name says.
    if (readManifest(this.home, this.manifest) === undefined) await rm(folder, { recursive: true, force: true })
    await this.#move(join(this.staging, 'deployment'), folder)
    this.#placed = true
  }

  async #move(from: string, to: string): Promise<void> {
    if (!existsSync(to)) await moveIntoPlace(from, to)
  }
}

/**
 * Takes everything away that `named` doesn't name, and resolves when the files are gone.
 *
 * What goes is renamed into `rubbish` before this returns its promise, within one tick: nobody can begin to use a folder
 * that is about to go.
 */
export async function tidy(home: Home, named: Named, rubbish: string): Promise<void> {
  mkdirSync(rubbish, { recursive: true })
  for (const path of unnamed(home, named)) renameSync(path, join(rubbish, randomUUID()))
  await rm(rubbish, { recursive: true, force: true })
}

function unnamed(home: Home, named: Named): string[] {
  const deployments = new Set(named.deployments.map((one) => deploymentFolder(home, one)))
  const stubs = new Set(named.stubs.map((one) => stubsFolder(home, one)))
  const archives = new Set(named.archives.map((digest) => home.archives(digest)))
  return [
    ...unnamedBelow(home.deployments(), 2, deployments),
    ...unnamedBelow(home.stubs(), 3, stubs),
    ...unnamedBelow(home.archives(), 1, archives),
  ]
}

/** Topmost paths of which nothing is in `kept`; `depth` is how far below `folder` the kept ones lie. */
function unnamedBelow(folder: string, depth: number, kept: ReadonlySet<string>): string[] {
  return children(folder).flatMap((path) => {
    if (kept.has(path)) return []
    const holdsKept = depth > 1 && [...kept].some((one) => one.startsWith(`${path}/`))
    return holdsKept ? unnamedBelow(path, depth - 1, kept) : [path]
  })
}

/** Without `.staging` and `node_modules`, which belong to no deployment. */
function children(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .map((name) => join(folder, name))
}
