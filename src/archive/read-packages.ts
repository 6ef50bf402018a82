import { join } from 'node:path'
import type { ArchivePackage } from './archive.ts'
import { readSmallFile } from './descriptor-text.ts'
import { importNameOf } from './import-name.ts'
import type { ArchiveLimits } from './limits.ts'
import { packageDigest, sortedPaths } from './package-digest.ts'
import type { Problem } from './problem.ts'
import type { ProfilePackage, ServiceProfile } from './service-profile.ts'
import type { Unpacked } from './unpack/unpack-archive.ts'

const profileFile = 'profile.xml'

const problem = (level: Problem['level'], code: string, message: string, file = profileFile): Problem => ({
  level,
  code,
  message,
  file,
})

/** The file of the GAR, as a path inside the service archive; undefined without a Main package that has one. */
export function mainPackage(
  profile: ServiceProfile,
  unpacked: Unpacked,
): { readonly gar: string | undefined; readonly problems: readonly Problem[] } {
  const main = profile.packages.find(({ kind }) => kind === 'main')
  if (main === undefined) return { gar: undefined, problems: [] }
  const nowhere = (message: string): { gar: undefined; problems: Problem[] } => ({
    gar: undefined,
    problems: [problem('error', 'gar-missing', `Main package ${main.name}: ${message}`)],
  })
  if (main.garArchive === undefined) return nowhere('it names no GARArchive')
  const path = `${main.name}/${main.garArchive.replace(/^\.\//, '')}`
  if (unpacked.files.has(path) && path.endsWith('.gar')) return { gar: path, problems: [] }
  const beside = [...unpacked.files].filter((file) => file.startsWith(`${main.name}/`) && file.endsWith('.gar'))
  const there = beside.length === 0 ? '' : `; there is ${beside.join(', ')}`
  return nowhere(
    unpacked.files.has(path) ? `its GARArchive ${path} is not named .gar` : `its GARArchive ${path} is missing${there}`,
  )
}

/** The Software packages of a service archive (and Plugins, which are laid out alike), each in a folder of its name. */
export function readPackages(
  profile: ServiceProfile,
  unpacked: Unpacked,
  limits: ArchiveLimits,
): { readonly packages: readonly ArchivePackage[]; readonly problems: readonly Problem[] } {
  const folders = byFolder(unpacked.files)
  const packages: ArchivePackage[] = []
  const problems: Problem[] = []
  for (const declared of profile.packages) {
    const { kind, name } = declared
    // Of two with one name, the reader of the profile has said so.
    if (kind === 'main' || packages.some((other) => other.declared.name === name)) continue
    const files = folders.get(name)
    if (files === undefined) {
      problems.push(problem('error', 'package-folder-missing', `package ${name}: there is no folder ${name}/`))
    } else {
      const root = join(unpacked.root, name)
      const found = importNameOf(name, readSmallFile(unpacked, `${name}/package.json`, limits))
      const { importName } = found
      const twin = packages.find((other) => other.importName === importName)
      problems.push(...found.problems, ...listed(declared, files))
      if (twin !== undefined) {
        const message = `packages ${twin.declared.name} and ${name} are both imported as ${importName}`
        problems.push(problem('error', 'import-name-twice', message))
      }
      packages.push({ declared, root, digest: packageDigest(root, files), importName, files })
    }
  }
  const known = new Set(profile.packages.map(({ name }) => name))
  for (const folder of folders.keys()) {
    if (known.has(folder)) continue
    problems.push({ level: 'note', code: 'folder-of-no-package', message: 'belongs to no package', file: `${folder}/` })
  }
  return { packages, problems }
}

/** The files below each folder at the root, relative to it, sorted. */
function byFolder(files: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const path of files) {
    const slash = path.indexOf('/')
    if (slash === -1) continue
    const folder = path.slice(0, slash)
    const inside = folders.get(folder)
    if (inside === undefined) folders.set(folder, [path.slice(slash + 1)])
    else inside.push(path.slice(slash + 1))
  }
  return new Map([...folders].map(([folder, inside]) => [folder, sortedPaths(inside)]))
}

/** Holds the files that the profile lists against those that are there. */
function listed({ name, files: wanted }: ProfilePackage, there: readonly string[]): Problem[] {
  const present = new Set(there)
  const plain = new Set(wanted.map((path) => path.replace(/^\.\//, '')))
  const missing = [...plain].filter((path) => !present.has(path))
  const unlisted = there.filter((path) => !plain.has(path))
  const [first] = unlisted
  const more = unlisted.length === 1 ? '' : `, and ${unlisted.length - 1} more`
  return [
    ...missing.map((path) => problem('error', 'package-file-missing', `package ${name}: ${name}/${path} is missing`)),
    ...(first === undefined
      ? []
      : [problem('note', 'package-file-unlisted', `the profile does not list it${more}`, `${name}/${first}`)]),
  ]
}
