/** A registry for the model: plain lists, names compared as text. */
export interface ModelRegistry {
  readonly users: Readonly<
    Record<string, { dns: readonly string[]; groups: readonly string[]; suspended: readonly string[] }>
  >
  readonly groups: Readonly<Record<string, { users: readonly string[]; properties: readonly string[]; vo: string }>>
  readonly hosts: Readonly<Record<string, { dns: readonly string[]; properties: readonly string[] }>>
  readonly defaultGroups: readonly string[]
}

export interface ModelCaller {
  readonly dn: string | undefined
  readonly group: string | undefined
  readonly proxy: boolean
  readonly rights: 'full' | 'limited' | 'none'
  readonly extra: unknown
}

export interface ModelRules {
  readonly configured: readonly string[]
  readonly coded: readonly string[]
  readonly byDefault: readonly string[]
}

export interface ModelAnswer {
  readonly accepted: boolean
  readonly username?: string
  readonly group?: string
  readonly properties?: readonly string[]
}

const no = { accepted: false }

/**
 * Authorization told naively, sentence by sentence after dirac-https.md 7, with its defects mended. It shares nothing
 * with the code it is held against.
 */
export function modelAnswer(rules: ModelRules, caller: ModelCaller, registry: ModelRegistry): ModelAnswer {
  const rule = [rules.configured, rules.coded, rules.byDefault].find((one) => one.length > 0) ?? []
  const restricting = rule.filter((entry) => entry.startsWith('group:') || entry.startsWith('vo:'))
  const rest = rule.filter((entry) => !restricting.includes(entry))
  const words = rest.length === 0 ? ['any'] : rest.map((entry) => entry.toLowerCase())
  const everybody = words.includes('all') || words.includes('any')
  const groupMayCall = (group: string) =>
    restricting.length === 0 ||
    restricting.some((entry) =>
      entry.startsWith('group:')
        ? entry === `group:${group}`
        : registry.groups[group] !== undefined && `vo:${registry.groups[group]?.vo}` === entry,
    )

  if (caller.dn === undefined) return everybody && restricting.length === 0 ? { accepted: true, properties: [] } : no
  if (caller.rights === 'none') {
    return everybody && restricting.length === 0
      ? { accepted: true, username: 'anonymous', group: 'visitor', properties: [] }
      : no
  }
  let { dn, group, extra } = caller
  if (extra !== undefined && typeof extra !== 'string') {
    const host = Object.values(registry.hosts).find(({ dns }) => dns.includes(caller.dn as string))
    const isPair = Array.isArray(extra) && extra.length === 2 && extra.every((one) => typeof one === 'string')
    if (!isPair || !host?.properties.includes('TrustedHost')) return no
    ;[dn, group] = extra as [string, string]
    if (dn === '') return no
    extra = undefined
  } else if (caller.proxy && group === undefined) {
    group = defaultGroup(caller.dn, registry)
  }
  if (extra === 'hosts') group = 'hosts'
  else if (typeof extra === 'string' && group === undefined) group = extra
  group ??= defaultGroup(dn, registry)

  let who: { username: string; properties: readonly string[] } | undefined
  if (group === 'hosts') {
    const host = Object.entries(registry.hosts).find(([, { dns }]) => dns.includes(dn))
    if (host !== undefined) who = { username: host[0], properties: host[1].properties }
  } else if (group !== undefined && Object.hasOwn(registry.groups, group)) {
    const { users, properties, vo } = registry.groups[group] as ModelRegistry['groups'][string]
    const username = users.find((name) => registry.users[name]?.dns.includes(dn))
    if (username !== undefined && !registry.users[username]?.suspended.includes(vo)) who = { username, properties }
  }
  if (who === undefined) {
    if (!everybody) return no
    who = { username: 'anonymous', properties: [] }
    group = 'visitor'
  }
  if (!groupMayCall(group as string)) return no
  const known = { accepted: true, username: who.username, group: group as string }
  if (everybody || words.includes('authenticated')) return { ...known, properties: who.properties }
  const matching = who.properties.flatMap((property) => {
    const at = words.lastIndexOf(property.toLowerCase())
    return at === -1 ? [] : [rest[at] as string]
  })
  return matching.length === 0 ? no : { ...known, properties: matching }
}

function defaultGroup(dn: string, registry: ModelRegistry): string | undefined {
  const user = Object.entries(registry.users).find(([, { dns }]) => dns.includes(dn))
  if (user === undefined) return undefined
  const mine = Object.keys(registry.groups).filter((group) => registry.groups[group]?.users.includes(user[0]))
  return [...user[1].groups, ...registry.defaultGroups].find((group) => mine.includes(group)) ?? mine.sort()[0]
}

/** The same registry as the text of a configuration. */
export function modelConfiguration(
  registry: ModelRegistry,
  authorization: Readonly<Record<string, readonly string[]>>,
) {
  const section = (name: string, ...lines: readonly string[]): string => [name, '{', ...lines, '}'].join('\n')
  const option = (name: string, list: readonly string[]): string => `${name} = ${list.join(', ')}`
  const rules = Object.entries(authorization).map(([method, rule]) => option(method, rule))
  const sections = <T>(all: Readonly<Record<string, T>>, lines: (one: T) => readonly string[]) =>
    Object.entries(all).map(([name, one]) => section(name, ...lines(one)))
  return [
    section('Systems', section('M', section('Services', section('S', section('Authorization', ...rules))))),
    section(
      'Registry',
      option('DefaultGroup', registry.defaultGroups),
      section(
        'Users',
        ...sections(registry.users, ({ dns, groups, suspended }) => [
          option('DN', dns),
          option('DefaultGroup', groups),
          option('Suspended', suspended),
        ]),
      ),
      section(
        'Groups',
        ...sections(registry.groups, ({ users, properties, vo }) => [
          option('Users', users),
          option('Properties', properties),
          `VO = ${vo}`,
        ]),
      ),
      section(
        'Hosts',
        ...sections(registry.hosts, ({ dns, properties }) => [option('DN', dns), option('Properties', properties)]),
      ),
    ),
  ].join('\n')
}
