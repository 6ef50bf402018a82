import type { OptionValue } from './request-handler.ts'
import { type ConfigurationTree, type ServiceInfo, shared } from './runtime.ts'

/**
 * An option as DIRAC's services look it up: an absolute path, else a name in each of the service's sections; read as what
 * the other value is. What isn't there or can't be read so is that other value.
 *
 * @see dirac-https.md 5 and 8
 */
export function configured(info: ServiceInfo | undefined, name: string, otherwise: OptionValue | undefined): unknown {
  for (const path of pathsOf(info, name)) {
    const text = entryAt(path)
    if (typeof text !== 'string') continue
    const value = otherwise === undefined ? text : readAs(otherwise, text)
    if (value !== undefined) return value
  }
  return otherwise
}

/** The options of a section, as texts. */
export function optionsOf(info: ServiceInfo | undefined, section: string): Readonly<Record<string, string>> {
  for (const path of pathsOf(info, section)) {
    const found = entryAt(path)
    if (typeof found !== 'object') continue
    return Object.fromEntries(
      Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  }
  return {}
}

function pathsOf(info: ServiceInfo | undefined, name: string): readonly string[] {
  return name.startsWith('/') ? [name] : (info?.csPaths ?? []).map((path) => `${path}/${name}`)
}

function entryAt(path: string): string | ConfigurationTree | undefined {
  let at: string | ConfigurationTree | undefined = shared.node?.configuration()
  for (const name of path.split('/')) {
    if (name === '') continue
    if (typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined
    at = at[name]
  }
  return at
}

function readAs(otherwise: OptionValue, text: string): unknown {
  switch (typeof otherwise) {
    case 'string':
      return text
    case 'boolean':
      return ['y', 'yes', 'true', '1'].includes(text.toLowerCase())
    case 'number': {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      return Number.isFinite(value) ? value : undefined
    }
    case 'bigint':
      return /^\s*[-+]?\d+\s*$/.test(text) ? BigInt(text.trim().replace(/^\+/, '')) : undefined
    default:
      return Array.isArray(otherwise) ? itemsOf(text) : Object.fromEntries(itemsOf(text).map(pairOf))
  }
}

const itemsOf = (text: string): string[] => text.split(',').flatMap((item) => item.trim() || [])

/** `a:b`; a name alone is true. */
function pairOf(item: string): [string, unknown] {
  const colon = item.indexOf(':')
  return colon === -1 ? [item, true] : [item.slice(0, colon).trim(), item.slice(colon + 1).trim()]
}
