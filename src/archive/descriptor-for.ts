import type { Archive, Gar, Mode } from './archive.ts'
import { DescriptorMissing } from './archive-errors.ts'
import { wsddPaths } from './descriptor-places.ts'
import type { Problem } from './problem.ts'

/**
 * The descriptor that becomes live in a mode.
 *
 * @throws {DescriptorMissing} the GAR has none for it: the other mode's is never taken in its place
 */
export function descriptorFor(gar: Gar, mode: Mode): NonNullable<Gar['descriptors'][Mode]> {
  const descriptor = gar.descriptors[mode]
  if (descriptor === undefined) throw new DescriptorMissing(gar.id, mode)
  return descriptor
}

/** The problems that matter to a deployment in one mode: without those of the other mode's descriptor. */
export function problemsFor(archive: Archive, mode: Mode): readonly Problem[] {
  const others = wsddPaths[mode === 'secure' ? 'open' : 'secure']
  return archive.problems.filter(({ file }) => file === undefined || !others.includes(file))
}
