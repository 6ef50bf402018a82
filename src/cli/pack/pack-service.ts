import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Problem } from '../../archive/problem.ts'
import { readArchiveHere } from '../../archive/read-archive-here.ts'
import { problemLines } from '../problem-text.ts'
import { bundleClasses } from './bundle.ts'
import { PackedArchiveRefused } from './errors.ts'
import { garFile } from './gar-file.ts'
import { importNames, type ServiceSource } from './service-source.ts'
import { softwarePackage } from './software-package.ts'
import { type Files, tarball } from './tarball.ts'

export interface Packed {
  readonly garId: string
  readonly archives: readonly PackedArchive[]
  /** What a reader of the archives found odd, each once. */
  readonly problems: readonly Problem[]
}

interface PackedArchive {
  readonly kind: 'gar' | 'service-archive'
  readonly file: string
  readonly size: number
  /** SHA-256: the name that a node gives to this version. */
  readonly digest: string
}

/**
 * Packs a service into `out`: `<GAR ID>.gar`, and `<GAR ID>.tar.gz` with the profile, that GAR and its Software packages.
 *
 * Both are read back as a node would read them before they take the place of those packed earlier.
 *
 * @throws {PackedArchiveRefused} a node would refuse one; what was packed earlier is still there
 */
export async function packService(source: ServiceSource, out: string): Promise<Packed> {
  const { garId } = source
  const gar = garFile(await garContents(source))
  const made = [
    { kind: 'gar', name: `${garId}.gar`, bytes: gar },
    { kind: 'service-archive', name: `${garId}.tar.gz`, bytes: tarball(await archiveContents(source, gar)) },
  ] as const
  await mkdir(out, { recursive: true })
  const staging = await mkdtemp(join(out, '.pack-'))
  try {
    const problems: Problem[] = []
    for (const { name, bytes } of made) {
      await writeFile(join(staging, name), bytes)
      problems.push(...(await checked(staging, name)))
    }
    for (const { name } of made) await rename(join(staging, name), join(out, name))
    return {
      garId,
      archives: made.map(({ kind, name, bytes }) => ({
        kind,
        file: join(out, name),
        size: bytes.length,
        digest: createHash('sha256').update(bytes).digest('hex'),
      })),
      problems: eachOnce(problems),
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function garContents(source: ServiceSource): Promise<Files> {
  const { folder, asIs, profileText, classNames } = source
  const modules = await bundleClasses(classNames, { folder, imports: importNames(source) })
  return new Map([...asIs, ['etc/profile.xml', profileText], ...[...modules].map(under('lib'))])
}

async function archiveContents(source: ServiceSource, gar: Uint8Array): Promise<Files> {
  const { folder, profileText, main, software, services } = source
  const files = new Map([['profile.xml', profileText], under(main.name)([main.garArchive ?? '', gar])])
  for (const declared of software) {
    const content = await softwarePackage(declared, { folder, imports: importNames(source), services })
    for (const [path, bytes] of [...content].map(under(declared.name))) files.set(path, bytes)
  }
  return files
}

const under =
  (folder: string) =>
  ([path, content]: readonly [string, Uint8Array]): [string, Uint8Array] => [`${folder}/${path}`, content]

async function checked(folder: string, name: string): Promise<readonly Problem[]> {
  const { problems } = await readArchiveHere(join(folder, name), { name, staging: join(folder, `${name}.unpacked`) })
  const errors = problems.filter(({ level }) => level === 'error')
  if (errors.length > 0) throw new PackedArchiveRefused(name, problemLines(errors).split('\n'))
  return problems
}

/** The GAR and the profile are in both archives: what is odd about them would be said twice. */
const eachOnce = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(
    problems.map((problem) => [
      [problem.code, problem.file?.replace(/^.*\//, ''), problem.line, problem.message].join(' '),
      problem,
    ]),
  ).values(),
]
