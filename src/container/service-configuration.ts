import { type CfgSection, isSection } from '../cfg/cfg.ts'
import { divideFullName, getServiceSection } from '../cfg/look-up.ts'
import type { PlaceService } from '../isolate/place.ts'
import type { ConfigurationTree } from '../service/runtime.ts'

/** The services with the paths of their sections. */
export const withSections = (services: readonly PlaceService[], root: CfgSection): readonly PlaceService[] =>
  services.map((service) => ({ ...service, section: getServiceSection(root, service.name) }))

/**
 * As much of the configuration as the services of one deployment may see: all but what is the node's own (`/DHN`), people's
 * (`/Registry`) and other systems', of which the addresses are left.
 */
export function configurationFor(services: readonly PlaceService[], root: CfgSection): ConfigurationTree {
  const own = new Set(services.map(({ name }) => divideFullName(name).system.split('/')[0] as string))
  const { Systems: systems = {}, ...rest } = treeOf(root, hidden)
  const seen = Object.entries(systems).map(([system, section]) => [
    system,
    own.has(system) ? section : addresses(section),
  ])
  return { ...rest, Systems: Object.fromEntries(seen) }
}

/** The same as it is now: another object only when the configuration is another. */
export function liveConfiguration(services: readonly PlaceService[], root: () => CfgSection): () => ConfigurationTree {
  let madeOf: CfgSection | undefined
  let made: ConfigurationTree = {}
  return () => {
    const now = root()
    if (now !== madeOf) made = configurationFor(services, now)
    madeOf = now
    return made
  }
}

const hidden: ReadonlySet<string> = new Set(['DHN', 'Registry'])
const addressSections = new Set(['URLs', 'FailoverURLs'])

/** What a client needs of a system: its addresses, also those below its instances. */
function addresses(section: string | ConfigurationTree): ConfigurationTree {
  if (typeof section === 'string') return {}
  const kept = Object.entries(section).flatMap(([name, entry]): [string, ConfigurationTree][] => {
    if (typeof entry === 'string') return []
    if (addressSections.has(name)) return [[name, entry]]
    const below = Object.entries(entry).filter(([one]) => addressSections.has(one))
    return below.length === 0 ? [] : [[name, Object.fromEntries(below)]]
  })
  return Object.fromEntries(kept)
}

/** Plain data: options are texts. */
function treeOf(
  section: CfgSection,
  without: ReadonlySet<string> = nothing,
): Record<string, string | ConfigurationTree> {
  const kept = [...section.entries].filter(([name]) => !without.has(name))
  return Object.fromEntries(kept.map(([name, entry]) => [name, isSection(entry) ? treeOf(entry) : entry.value]))
}

const nothing: ReadonlySet<string> = new Set()
