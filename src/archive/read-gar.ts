import type { Gar, GarDescriptor, Mode } from './archive.ts'
import { WsddMissing } from './archive-errors.ts'
import { fillTokens, jndiPaths, wsddPaths } from './descriptor-places.ts'
import { readDescriptorText, readSmallFile } from './descriptor-text.ts'
import { garNotes } from './gar-notes.ts'
import { checkIsolationWish } from './isolation-wish.ts'
import { parseJndi } from './jndi.ts'
import type { ArchiveLimits } from './limits.ts'
import type { Problem } from './problem.ts'
import { readSecurityDescriptors } from './security-descriptors.ts'
import { checkServices } from './service-checks.ts'
import { checkStatelessness } from './statelessness.ts'
import type { Unpacked } from './unpack/unpack-archive.ts'
import { parseWsdd } from './wsdd.ts'

const modes = ['secure', 'open'] as const

/**
 * Reads the descriptors of an unpacked GAR, and holds them against the modules it brings.
 *
 * @throws {WsddMissing} it has no descriptor for any mode
 * @throws {XmlRefused} a descriptor is malformed
 */
export function readGar(
  id: string,
  unpacked: Unpacked,
  limits: ArchiveLimits,
  options: { readonly lenient?: boolean },
): { readonly gar: Gar; readonly problems: readonly Problem[] } {
  const lenient = options.lenient === true
  const descriptor = (paths: readonly string[]): GarDescriptor | undefined => {
    const path = paths.find((one) => unpacked.files.has(one))
    if (path === undefined) return undefined
    return { path, text: fillTokens(readDescriptorText(unpacked, path, limits) as string, id) }
  }

  const descriptors: { [mode in Mode]?: NonNullable<Gar['descriptors'][Mode]> } = {}
  const problems: Problem[] = []
  for (const mode of modes) {
    const found = descriptor(wsddPaths[mode])
    if (found === undefined) continue
    const wsdd = parseWsdd(found.text, { file: found.path, lenient })
    const read = (path: string) => readSmallFile(unpacked, path, limits) as Buffer
    const secured = readSecurityDescriptors(wsdd, found.path, { garId: id, files: unpacked.files, read }, { lenient })
    descriptors[mode] = { ...found, wsdd, security: secured.descriptors }
    problems.push(...wsdd.problems, ...secured.problems)
  }
  if (descriptors.secure === undefined && descriptors.open === undefined) {
    throw new WsddMissing(id, unpacked.files.has('profile.xml'))
  }
  const jndi = descriptor(jndiPaths)
  const config = jndi && parseJndi(jndi.text, { file: jndi.path, lenient })
  const files = [...unpacked.files]
  const gar: Gar = {
    id,
    format: unpacked.format,
    root: unpacked.root,
    descriptors,
    jndi: jndi && config && { ...jndi, config },
    modules: files.filter((path) => /^lib\/.+\.(js|mjs|cjs)$/.test(path)).sort(),
    java: files.filter((path) => /\.(jar|class|war|aar)$/.test(path)).sort(),
    entries: unpacked.entries,
    unpackedSize: unpacked.size,
  }
  return {
    gar,
    problems: [
      ...problems,
      ...(config?.problems ?? []),
      ...checkServices(gar),
      ...checkIsolationWish(gar),
      ...checkStatelessness(gar),
      ...garNotes(gar, unpacked, limits),
    ],
  }
}
