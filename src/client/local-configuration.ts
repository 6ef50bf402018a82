import type { CfgSection } from '../cfg/cfg.ts'
import { CfgSources } from '../cfg/cfg-sources.ts'
import { mergeLayers } from '../cfg/layers.ts'
import { localFiles } from '../cfg/local-files.ts'
import type { Surroundings } from './surroundings.ts'

interface Kept {
  readonly stamp: string
  readonly configuration: CfgSection
}

const kept = new Map<string, Kept>()

/**
 * The configuration that a DIRAC program would have here, from its files alone; read again when one of them has changed.
 *
 * @throws {ConfigurationMissing | ConfigurationUnreadable | CfgMalformed | CfgConflict}
 */
export function localConfiguration({ root, environment }: Surroundings): CfgSection {
  const sources = new CfgSources(localFiles({ root, environment }))
  const key = sources.files.map(({ file }) => file).join('\n')
  const stamp = sources.stamp()
  const known = kept.get(key)
  if (known?.stamp === stamp) return known.configuration
  const configuration = mergeLayers(sources.layers())
  kept.set(key, { stamp, configuration })
  return configuration
}
