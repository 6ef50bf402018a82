import { mkdirSync, rmSync, unlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DhnError } from '../service/errors.ts'
import type { Archive } from './archive.ts'
import { ArchiveNotFound, ArchiveNotUnpacked, ArchiveTopFolder, GarMisnamed, ProfileMissing } from './archive-errors.ts'
import { archiveIdOf, garIdOf } from './archive-name.ts'
import { descriptorPaths } from './descriptor-places.ts'
import { readDescriptorText } from './descriptor-text.ts'
import { type ArchiveLimits, defaultLimits } from './limits.ts'
import { readGar } from './read-gar.ts'
import { mainPackage, readPackages } from './read-packages.ts'
import { parseServiceProfile } from './service-profile.ts'
import { ArchiveRefused } from './unpack/archive-refused.ts'
import { Totals } from './unpack/entry-policy.ts'
import { type Unpacked, unpackArchive, withArchiveFile } from './unpack/unpack-archive.ts'

export interface ReadArchiveOptions {
  /** The file name as given: it says whether the file is a GAR (`*.gar`) and what its GAR ID is. */
  readonly name: string
  /** A folder that isn't there yet: it is made, everything is unpacked into it, and it is gone again on failure. */
  readonly staging: string
  readonly limits?: Partial<ArchiveLimits>
  /** Accept a comment before the XML declaration of a descriptor. */
  readonly lenient?: boolean
}

/**
 * Reads the archive at `path` in this thread: checks it, unpacks it into the staging folder and reads its descriptors,
 * without running anything in it.
 *
 * It writes synchronously, so a process that answers calls uses `readArchive` instead.
 *
 * @throws {ArchiveRefused} one code for each kind of reason
 * @throws {ArchiveNotFound | ArchiveFormatUnknown | ArchiveNameInvalid | GarMisnamed | ArchiveTopFolder}
 * @throws {ProfileMissing | WsddMissing} the descriptor without which it is no service archive, or no GAR
 * @throws {XmlRefused} a descriptor is malformed
 * @throws {ArchiveNotUnpacked} the file system did not take it
 * @see docs/archive.md for the layout and its source (the Globus Toolkit 4 GAR, gCube's service archive)
 */
export async function readArchiveHere(path: string, options: ReadArchiveOptions): Promise<Archive> {
  try {
    mkdirSync(options.staging, { mode: 0o755 })
  } catch (error) {
    throw known(error)
  }
  try {
    return await withArchiveFile(path, async (file) => {
      if (file.size === -1) throw new ArchiveNotFound(path)
      const totals = new Totals({ ...defaultLimits, ...options.limits }, file.size)
      file.beginDigest()
      const head = () => ({ digest: file.digest(), size: file.size })
      if (options.name.endsWith('.gar')) {
        const id = garIdOf(options.name)
        const unpacked = await unpackArchive(file, options.name, totals, join(options.staging, 'gar'))
        return { kind: 'gar', ...head(), ...bareGar(id, options, unpacked, totals.limits) }
      }
      const unpacked = await unpackArchive(file, options.name, totals, join(options.staging, 'archive'))
      return { kind: 'service-archive', ...head(), ...(await serviceArchive(options, unpacked, totals)) }
    })
  } catch (error) {
    rmSync(options.staging, { recursive: true, force: true })
    throw missing(error, path) ? new ArchiveNotFound(path) : known(error)
  }
}

type Contents = Omit<Archive, 'kind' | 'digest' | 'size'>

function bareGar(id: string, options: ReadArchiveOptions, unpacked: Unpacked, limits: ArchiveLimits): Contents {
  refuseTopFolder(unpacked, options.name)
  const { gar, problems } = readGar(id, unpacked, limits, options)
  const file = 'etc/profile.xml'
  const text = readDescriptorText(unpacked, file, limits)
  const profile =
    text === undefined ? undefined : parseServiceProfile(text, { file, lenient: options.lenient === true })
  return {
    id,
    root: unpacked.root,
    gar,
    profile,
    packages: [],
    problems: [...problems, ...(profile?.problems ?? [])],
  }
}

async function serviceArchive(options: ReadArchiveOptions, unpacked: Unpacked, totals: Totals): Promise<Contents> {
  const { limits } = totals
  refuseTopFolder(unpacked, options.name)
  const isGar = descriptorPaths.some((path) => unpacked.files.has(path))
  if (unpacked.format === 'zip') throw new GarMisnamed(options.name, 'is a zip, as only GARs are,')
  const text = readDescriptorText(unpacked, 'profile.xml', limits)
  if (text === undefined) {
    if (isGar) throw new GarMisnamed(options.name, 'holds the descriptors of a GAR and no profile.xml at its root')
    throw new ProfileMissing(options.name)
  }
  const profile = parseServiceProfile(text, { file: 'profile.xml', lenient: options.lenient === true })
  const main = mainPackage(profile, unpacked)
  const { packages, problems } = readPackages(profile, unpacked, limits)
  const common = { root: unpacked.root, profile, packages }
  const found = [...profile.problems, ...main.problems, ...problems]
  if (main.gar === undefined) return { ...common, id: archiveIdOf(options.name), gar: undefined, problems: found }

  const id = garIdOf(basename(main.gar))
  const inner = await unpackInner(main.gar, unpacked, totals, join(options.staging, 'gar'))
  const { gar, problems: ofGar } = readGar(id, inner, limits, options)
  return { ...common, id, gar, problems: [...found, ...ofGar, ...profileCopy(text, inner, limits)] }
}

/** Unpacks the GAR of a service archive; both are counted together. */
async function unpackInner(path: string, outer: Unpacked, totals: Totals, root: string): Promise<Unpacked> {
  const file = join(outer.root, path)
  try {
    const unpacked = await withArchiveFile(file, (opened) => unpackArchive(opened, path, totals, root))
    refuseTopFolder(unpacked, path)
    // It isn't needed any more, and the file as given is kept elsewhere.
    unlinkSync(file)
    return unpacked
  } catch (error) {
    throw error instanceof ArchiveRefused ? error.within(path) : error
  }
}

function profileCopy(text: string, gar: Unpacked, limits: ArchiveLimits): Archive['problems'] {
  const file = 'etc/profile.xml'
  const copy = readDescriptorText(gar, file, limits)
  if (copy === undefined || copy === text) return []
  const message = 'differs from the profile.xml of the service archive, which is the one that counts'
  return [{ level: 'note', code: 'profile-copy-differs', message, file }]
}

/** An archive that was packed from outside looks empty at its root; better to say what happened. */
function refuseTopFolder({ files }: Unpacked, name: string): void {
  const [first] = files
  const top = first?.split('/', 1)[0]
  if (top === undefined || ![...files].every((path) => path.startsWith(`${top}/`))) return
  const inside = ['profile.xml', ...descriptorPaths].some((path) => files.has(`${top}/${path}`))
  if (inside) throw new ArchiveTopFolder(name, top)
}

const missing = (error: unknown, path: string): boolean =>
  (error as NodeJS.ErrnoException).code === 'ENOENT' && (error as NodeJS.ErrnoException).path === path

/** What the file system threw, as an error of our own. */
function known(error: unknown): unknown {
  if (error instanceof DhnError) return error
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && syscall !== undefined ? new ArchiveNotUnpacked(code, error) : error
}
