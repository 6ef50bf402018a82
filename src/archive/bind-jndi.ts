import type { JndiConfig, JndiContext, JndiEnvironment, JndiResource, JndiResourceLink } from './jndi.ts'

/** What a service finds under a JNDI name; plain data, to cross to where it runs. */
export type JndiBinding =
  | string
  | number
  | boolean
  | { readonly type: string; readonly parameters: Readonly<Record<string, string>> }
  | { readonly bigint: string }

type Entry = JndiEnvironment | JndiResource | JndiResourceLink

/** What is wrong with an entry among the others. */
export interface BindingTrouble {
  readonly level: 'error' | 'warning'
  readonly word: 'name-repeated' | 'link-dangling' | 'link-cycle'
  readonly message: string
  readonly entry: Entry
}

interface Bound {
  readonly entry: Entry
  /** The name of its context, such as `java:comp/env/services/Counter`. */
  readonly context: string
}

const root = 'java:comp/env'

/**
 * The names of a JNDI configuration with their values, links resolved: a global entry is `java:comp/env/NAME`, one of
 * a service `java:comp/env/services/SERVICE/NAME`.
 *
 * A link that leads nowhere or in a circle has no name here; `parseJndi` has reported it. Its target is a whole name, a
 * name that begins with `./` in the link's own context, or else a name in the link's own context or, failing that,
 * in the global one.
 *
 * A name written twice: the later environment wins when both allow it (`override`); in all other cases the first
 * entry stays, as binding a bound name fails in Java.
 */
export function bindJndi(config: Pick<JndiConfig, 'global' | 'services'>): Readonly<Record<string, JndiBinding>> {
  return Object.fromEntries(bindNames(config).names)
}

/** `bindJndi` with what went wrong. */
export function bindNames(config: Pick<JndiConfig, 'global' | 'services'>): {
  readonly names: ReadonlyMap<string, JndiBinding>
  readonly troubles: readonly BindingTrouble[]
} {
  const troubles: BindingTrouble[] = []
  const entries = collectEntries(config, troubles)
  const resolved = resolveLinks(entries, troubles)
  const names = new Map<string, JndiBinding>()
  for (const name of entries.keys()) {
    const entry = resolved.get(name)
    if (entry !== undefined) names.set(name, bindingOf(entry))
  }
  return { names, troubles }
}

function collectEntries(
  config: Pick<JndiConfig, 'global' | 'services'>,
  troubles: BindingTrouble[],
): Map<string, Bound> {
  const entries = new Map<string, Bound>()
  const add = (context: string, { environments, resources, links }: JndiContext) => {
    for (const entry of [...environments, ...resources, ...links]) {
      const name = `${context}/${entry.name}`
      const earlier = entries.get(name)
      const replaces = earlier === undefined || (mayOverride(earlier.entry) && mayOverride(entry))
      if (replaces) entries.set(name, { entry, context })
      if (earlier !== undefined) {
        const message = `${name} stands twice: the ${replaces ? 'second' : 'first'} entry counts`
        troubles.push({ level: 'warning', word: 'name-repeated', message, entry })
      }
    }
  }
  add(root, config.global)
  for (const [service, context] of config.services) add(`${root}/services/${service}`, context)
  return entries
}

function mayOverride(entry: Entry): boolean {
  return 'override' in entry && entry.override
}

/** Each name's entry once its links are followed; each link is followed once, however long the chains are. */
function resolveLinks(
  entries: ReadonlyMap<string, Bound>,
  troubles: BindingTrouble[],
): Map<string, JndiEnvironment | JndiResource | undefined> {
  const resolved = new Map<string, JndiEnvironment | JndiResource | undefined>()
  for (const start of entries.keys()) {
    const path = new Set<string>()
    let name = start
    let end: JndiEnvironment | JndiResource | undefined
    for (;;) {
      if (resolved.has(name)) {
        end = resolved.get(name)
        break
      }
      const { entry, context } = entries.get(name) as Bound
      if (!('target' in entry)) {
        end = entry
        resolved.set(name, entry)
        break
      }
      path.add(name)
      const target = targetOf(entry, context, entries)
      if (target === undefined) {
        const message = `${name} is a link to ${entry.target}, which this file does not have`
        troubles.push({ level: 'warning', word: 'link-dangling', message, entry })
        break
      }
      if (path.has(target)) {
        const circle = [...path].slice([...path].indexOf(target))
        const message = `links lead in a circle: ${[...circle, target].join(' -> ')}`
        troubles.push({ level: 'error', word: 'link-cycle', message, entry })
        break
      }
      name = target
    }
    for (const link of path) resolved.set(link, end)
  }
  return resolved
}

function targetOf(link: JndiResourceLink, context: string, entries: ReadonlyMap<string, Bound>): string | undefined {
  const { name, target } = link
  if (target.startsWith(`${root}/`)) return entries.has(target) ? target : undefined
  const near = `${context}/${target.replace(/^\.\//, '')}`
  const candidates = target.startsWith('./')
    ? [near]
    : [near, `${root}/${target}`].filter((one) => one !== `${context}/${name}`)
  return candidates.find((one) => entries.has(one))
}

function bindingOf(entry: JndiEnvironment | JndiResource): JndiBinding {
  if ('parameters' in entry) return { type: entry.type, parameters: Object.fromEntries(entry.parameters) }
  return typeof entry.value === 'bigint' ? { bigint: entry.value.toString() } : entry.value
}
