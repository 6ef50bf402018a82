import { type CfgEntry, type CfgSection, isSection } from './cfg.ts'
import { CfgConflict } from './errors.ts'

/**
 * Both configurations as one: an option of `over` wins, sections of one name are merged. Options come before sections, as
 * DIRAC orders the result.
 *
 * @throws {CfgConflict} a name is an option in one and a section in the other
 */
export function mergeCfg(base: CfgSection, over: CfgSection, path = ''): CfgSection {
  const options = new Map<string, CfgEntry>()
  const sections = new Map<string, CfgEntry>()
  for (const [name, entry] of [...base.entries, ...over.entries]) {
    const [into, others] = isSection(entry) ? [sections, options] : [options, sections]
    if (others.has(name)) throw new CfgConflict(`${path}/${name}`)
    const earlier = into.get(name)
    into.set(name, isSection(earlier) && isSection(entry) ? mergeCfg(earlier, entry, `${path}/${name}`) : entry)
  }
  return { comment: over.comment, line: over.line, entries: new Map([...options, ...sections]) }
}
