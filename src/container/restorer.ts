import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, injectable } from 'inversify'
import { readArchive } from '../archive/read-archive.ts'
import { DhnError } from '../service/errors.ts'
import type { VersionRecord } from '../store/records.ts'
import { ContainerConfig } from './container-config.ts'
import { readManifest, StagedContent } from './content.ts'
import { makeManifest } from './make-manifest.ts'
import type { Manifest } from './manifest.ts'
import { type StubsContent, stubsFolder } from './stubs-folder.ts'

/** Neither the files of a version nor the archive that they came from are on this node any more. */
export class ContentMissing extends DhnError {
  readonly code = 'DHN_CONTENT_MISSING'
  constructor(
    readonly garId: string,
    readonly number: number,
    readonly archive: string,
  ) {
    super(`the files of version ${number} of ${garId} are not on this node any more`, {
      next: `deploy its archive again: ${archive}`,
    })
  }
}

/** Brings back what is missing of a version that the store knows, out of the archive that was kept. */
@injectable()
export class Restorer {
  constructor(@inject(ContainerConfig) private readonly config: ContainerConfig) {}

  /**
   * The manifest of a version, and its content to be staged and placed where a part of it is missing.
   *
   * @param staging a folder of the caller's own
   * @param stubs which of the packages that it carries must be there
   * @throws {ContentMissing} there is no archive to make the missing part from
   */
  async find(
    version: VersionRecord,
    staging: string,
    stubs: (manifest: Manifest) => readonly StubsContent[],
  ): Promise<{ readonly manifest: Manifest; readonly content?: StagedContent }> {
    const { home } = this.config
    const { garId, digest } = version
    const manifest = readManifest(home, version)
    const isThere = (one: StubsContent): boolean => existsSync(stubsFolder(home, one))
    if (manifest !== undefined && stubs(manifest).every(isThere)) return { manifest }
    const archiveFile = home.archives(digest)
    if (!existsSync(archiveFile)) throw new ContentMissing(garId, version.number, version.archive)
    await mkdir(staging, { recursive: true })
    // It was accepted once: a comment before a declaration is no reason to refuse it now.
    const options = { name: version.archive, staging: join(staging, 'unpacked'), lenient: true }
    const archive = await readArchive(archiveFile, { ...options, limits: this.config.archives })
    const made = makeManifest(archive, version.archive)
    return { manifest: made, content: new StagedContent(home, staging, archive, made, undefined) }
  }
}
