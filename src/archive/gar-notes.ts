import type { Gar } from './archive.ts'
import { fillTokens, liveNames } from './descriptor-places.ts'
import { readSmallFile } from './descriptor-text.ts'
import type { ArchiveLimits } from './limits.ts'
import type { Problem } from './problem.ts'
import type { Unpacked } from './unpack/unpack-archive.ts'

/** What GT4 would do with the parts of a GAR that mean nothing here, or something else. */
const partNotes: readonly (readonly [part: RegExp, problem: Omit<Problem, 'file'>])[] = [
  [/^client-deploy\.wsdd$/, note('client-descriptor', 'is not used: GT4 merges it into the client configuration')],
  [/^etc\/post-deploy\.xml$/, note('post-deploy', 'is never run: nothing of an archive runs when it is deployed')],
  [/^bin\//, note('bin-not-installed', 'is not installed: GT4 shares bin/ between all GARs')],
  [/^META-INF\//, note('meta-inf', 'is not read')],
]

/** Everything about an unpacked GAR that is worth knowing and no error. */
export function garNotes(gar: Gar, unpacked: Unpacked, limits: ArchiveLimits): readonly Problem[] {
  return [
    ...javaNote(gar),
    ...copies(gar, unpacked, limits),
    ...oppositePair(gar, unpacked),
    ...replacedCopies(unpacked),
    ...parts(unpacked),
  ]
}

function note(code: string, message: string): Problem {
  return { level: 'note', code, message }
}

function javaNote({ java, modules }: Gar): Problem[] {
  if (java.length === 0) return []
  const [first] = java
  const files = `${java.length} Java ${java.length === 1 ? 'file' : 'files'} (${first}${java.length > 1 ? ', …' : ''})`
  const message =
    modules.length === 0
      ? `${files} and no JavaScript module: the services of this GAR are written in Java, and this node runs JavaScript`
      : `${files} beside the JavaScript modules: they are not used`
  return [{ level: 'warning', code: 'java-files', message }]
}

/** gCube builds put the same descriptor at the root and into etc/ (raw and filtered copies lie side by side). */
function copies(gar: Gar, unpacked: Unpacked, limits: ArchiveLimits): Problem[] {
  const pairs = [
    ['server-deploy.wsdd', 'etc/deploy-server.wsdd'],
    ['jndi-config-deploy.xml', 'etc/deploy-jndi-config.xml'],
  ] as const
  return pairs.flatMap(([root, etc]) => {
    const [live, copy] = [readSmallFile(unpacked, root, limits), readSmallFile(unpacked, etc, limits)]
    if (live === undefined || copy === undefined || live.equals(copy)) return []
    const filled = (bytes: Buffer): string => fillTokens(bytes.toString('latin1'), gar.id)
    if (filled(live) === filled(copy)) {
      return [
        { ...note('descriptor-copy-raw', `differs from ${root} only in tokens that are filled in there`), file: etc },
      ]
    }
    const message = `differs from ${root}, which is the one that becomes live`
    return [{ level: 'warning' as const, code: 'descriptor-copy-differs', message, file: etc }]
  })
}

/** Some packages have it the other way round: the open descriptor under the plain name, the secure one beside it. */
function oppositePair(gar: Gar, unpacked: Unpacked): Problem[] {
  const file = 'etc/deploy-server.wsdd_SEC'
  if (!unpacked.files.has(file)) return []
  const read = gar.descriptors.secure?.path ?? 'etc/deploy-server.wsdd'
  const message = `is not used: ${read} is read as the secure descriptor, though this file suggests that it is the open one; name the open one deploy-server.wsdd_NOSEC and the secure one deploy-server.wsdd`
  return [{ level: 'warning', code: 'descriptor-opposite-pair', message, file }]
}

/** Files that would be taken for live descriptors in the configuration folder. */
function replacedCopies({ files }: Unpacked): Problem[] {
  return Object.values(liveNames)
    .map((name) => `etc/${name}`)
    .filter((file) => files.has(file))
    .map((file) => ({
      level: 'warning',
      code: 'live-name-taken',
      message: 'is left out: the node writes the live descriptor under this name',
      file,
    }))
}

function parts({ files }: Unpacked): Problem[] {
  const known = /^(etc|lib|schema|share|docs)\/|^(server-deploy\.wsdd|jndi-config-deploy\.xml)$/
  const all = [...files]
  const notes = partNotes.flatMap(([part, problem]) => {
    const first = all.find((path) => part.test(path))
    return first === undefined ? [] : [{ ...problem, file: partOf(first, problem.code) }]
  })
  const others = all.filter((path) => !known.test(path) && !partNotes.some(([part]) => part.test(path)))
  const [first] = others
  if (first === undefined) return notes
  const more = others.length === 1 ? '' : `, and ${others.length - 1} more`
  return [...notes, { ...note('part-not-installed', `is in no folder that is installed${more}`), file: first }]
}

/** A whole folder is named by the folder. */
const partOf = (path: string, code: string): string =>
  code === 'bin-not-installed' || code === 'meta-inf' ? `${path.split('/', 1)[0]}/` : path
