import { NameUnreadable } from '../errors.ts'
import type { Rdn } from '../name.ts'
import { readName, textKey } from '../name-text.ts'
import { type ConfigurationSection, listIn, optionIn, sectionIn, sectionsIn } from './configuration-section.ts'

/** DIRAC's `hosts`: the group of every host. */
export const hostsGroup = 'hosts'
const trustedHost = 'TrustedHost'

export interface RegistryUser {
  readonly name: string
  /** The groups asked for first when the caller names none, in this order. */
  readonly defaultGroups: readonly string[]
  /** VOs in which the user may do nothing for now. */
  readonly suspended: ReadonlySet<string>
}

export interface RegistryGroup {
  readonly name: string
  readonly users: ReadonlySet<string>
  readonly properties: readonly string[]
  /** Empty text: it belongs to none. */
  readonly vo: string
  readonly vomsRole: string | undefined
}

export interface RegistryHost {
  readonly name: string
  readonly properties: readonly string[]
  /** It may speak for others. */
  readonly trusted: boolean
}

/** An entry that says something else than it seems to. Whoever it names is unknown here. */
export interface RegistryProblem {
  readonly code: 'registry-dn-unreadable' | 'registry-dn-twice' | 'registry-user-unknown' | 'registry-group-reserved'
  readonly message: string
  /** The path of the option, such as `/Registry/Users/alice/DN`. */
  readonly path: string
  readonly line: number
}

/**
 * Who is who: users, groups and hosts of DIRAC's `/Registry`.
 *
 * An immutable snapshot; a changed configuration makes a new one. Names are looked up parsed, by `textKey`: a value
 * that is written like several parts of a name never finds another's entry, and spellings (`Email`, `emailAddress`)
 * don't matter.
 *
 * @see dirac-https.md 7 and 9
 */
export class Registry {
  readonly users: ReadonlyMap<string, RegistryUser>
  readonly groups: ReadonlyMap<string, RegistryGroup>
  readonly hosts: ReadonlyMap<string, RegistryHost>
  /** The names under `/Registry/VO`, and `/DIRAC/VirtualOrganization` when the installation has one only. */
  readonly vos: readonly string[]
  readonly problems: readonly RegistryProblem[]
  readonly #virtualOrganization: string
  readonly #defaultGroups: readonly string[]
  readonly #usersByName: ReadonlyMap<string, readonly RegistryUser[]>
  readonly #hostsByName: ReadonlyMap<string, readonly RegistryHost[]>
  readonly #groupsByUser: ReadonlyMap<string, readonly string[]>

  constructor(root: ConfigurationSection) {
    const problems: RegistryProblem[] = []
    const registry = sectionIn(root, ['Registry'])
    const sections = (kind: string) => sectionsIn(sectionIn(root, ['Registry', kind]))
    const users = sections('Users')
    const hosts = sections('Hosts')
    this.users = new Map(users.map(([name, section]) => [name, readUser(name, section)]))
    this.hosts = new Map(hosts.map(([name, section]) => [name, readHost(name, section)]))
    this.groups = new Map(
      sections('Groups').flatMap(([name, section]) => {
        const group = readGroup(name, section, this.users, problems)
        return group === undefined ? [] : [[name, group] as const]
      }),
    )
    this.#usersByName = byName('Users', users, this.users, problems)
    this.#hostsByName = byName('Hosts', hosts, this.hosts, problems)
    this.#groupsByUser = groupsByUser(this.groups)
    this.#virtualOrganization = optionIn(sectionIn(root, ['DIRAC']), 'VirtualOrganization')?.value.trim() ?? ''
    const written = listIn(registry, 'DefaultGroup')
    this.#defaultGroups = written.length > 0 ? written : ['user']
    this.vos = this.#virtualOrganization === '' ? sections('VO').map(([name]) => name) : [this.#virtualOrganization]
    this.problems = problems
  }

  /** The host that a name is registered for; the first in the order of the text when there are several. */
  hostOf(nameKey: string): RegistryHost | undefined {
    return this.#hostsByName.get(nameKey)?.[0]
  }

  /** The user that a name is registered for; the first in the order of the text when there are several. */
  userOf(nameKey: string): RegistryUser | undefined {
    return this.#usersByName.get(nameKey)?.[0]
  }

  /** The user whom a name means as a member of a group; undefined when no user of that name is in it. */
  memberOf(nameKey: string, group: RegistryGroup): RegistryUser | undefined {
    const users = this.#usersByName.get(nameKey)
    if (users === undefined) return undefined
    if (users.length === 1) return group.users.has(users[0]?.name as string) ? users[0] : undefined
    return users.filter(({ name }) => group.users.has(name)).sort((one, other) => (one.name < other.name ? -1 : 1))[0]
  }

  /** The groups of a user in alphabetical order. */
  groupsOf(user: RegistryUser): readonly string[] {
    return this.#groupsByUser.get(user.name) ?? []
  }

  /** The group in which a user acts who names none; undefined when he is in no group. */
  defaultGroupOf(user: RegistryUser): string | undefined {
    const groups = this.groupsOf(user)
    return [...user.defaultGroups, ...this.#defaultGroups].find((group) => groups.includes(group)) ?? groups[0]
  }

  /** The groups of a VO; all groups when the installation has one VO only. */
  groupsOfVo(vo: string): readonly string[] {
    const groups = [...this.groups.values()]
    const inVo = this.#virtualOrganization === '' ? groups.filter((group) => group.vo === vo) : groups
    return inVo.map(({ name }) => name)
  }

  /** The VO of a group; empty text when it has none. */
  voOf(group: string): string {
    return this.#virtualOrganization || (this.groups.get(group)?.vo ?? '')
  }

  isSuspended(user: RegistryUser, group: RegistryGroup): boolean {
    if (user.suspended.size === 0) return false
    return user.suspended.has(group.vo) || user.suspended.has(this.#virtualOrganization)
  }
}

const readUser = (name: string, section: ConfigurationSection): RegistryUser => ({
  name,
  defaultGroups: listIn(section, 'DefaultGroup'),
  suspended: new Set(listIn(section, 'Suspended')),
})

function readHost(name: string, section: ConfigurationSection): RegistryHost {
  const properties = listIn(section, 'Properties')
  return { name, properties, trusted: properties.includes(trustedHost) }
}

function readGroup(
  name: string,
  section: ConfigurationSection,
  users: ReadonlyMap<string, RegistryUser>,
  problems: RegistryProblem[],
): RegistryGroup | undefined {
  const path = `/Registry/Groups/${name}`
  if (name === hostsGroup) {
    const message = `${path}: ${hostsGroup} is the group of every host, so this one is passed over`
    problems.push({ code: 'registry-group-reserved', message, path, line: section.line })
    return undefined
  }
  const members = listIn(section, 'Users')
  for (const user of members) {
    if (users.has(user)) continue
    const line = optionIn(section, 'Users')?.line ?? section.line
    const message = `${path}/Users names ${user}, who is not among the users`
    problems.push({ code: 'registry-user-unknown', message, path: `${path}/Users`, line })
  }
  return {
    name,
    users: new Set(members),
    properties: listIn(section, 'Properties'),
    vo: optionIn(section, 'VO')?.value.trim() ?? '',
    vomsRole: optionIn(section, 'VOMSRole')?.value.trim() || undefined,
  }
}

/** Who is registered under each name, in the order of the text. */
function byName<T extends { readonly name: string }>(
  kind: 'Users' | 'Hosts',
  sections: readonly [string, ConfigurationSection][],
  all: ReadonlyMap<string, T>,
  problems: RegistryProblem[],
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>()
  for (const [name, section] of sections) {
    const option = optionIn(section, 'DN')
    if (option === undefined) continue
    const at = { path: `/Registry/${kind}/${name}/DN`, line: option.line }
    for (const dn of distinguishedNames(option.value)) {
      let key: string
      try {
        key = textKey(readRegistered(dn))
      } catch (error) {
        if (!(error instanceof NameUnreadable)) throw error
        problems.push({ code: 'registry-dn-unreadable', message: `${at.path}: ${error.message}`, ...at })
        continue
      }
      const others = found.get(key) ?? []
      const one = all.get(name) as T
      if (others.includes(one)) continue
      if (others.length > 0) {
        const message = `${at.path}: ${dn} is registered for ${others[0]?.name} too`
        problems.push({ code: 'registry-dn-twice', message, ...at })
      }
      found.set(key, [...others, one])
    }
  }
  return found
}

/**
 * The names in a `DN` option. A comma ends one only where another begins (`/type=`), so that a name may hold commas: for
 * DIRAC, `/O=Acme, Inc/CN=x` registers everybody called `/O=Acme`.
 */
export function distinguishedNames(value: string): string[] {
  return value.split(/,(?=\s*(?:,|\/[A-Za-z0-9.]+=|$))/).flatMap((item) => item.trim() || [])
}

function readRegistered(dn: string): readonly Rdn[] {
  if (!dn.startsWith('/')) throw new NameUnreadable(dn, 'a registry has names in the form /C=…/CN=…')
  return readName(dn)
}

function groupsByUser(groups: ReadonlyMap<string, RegistryGroup>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { name, users } of groups.values()) {
    for (const user of users) found.set(user, [...(found.get(user) ?? []), name])
  }
  for (const names of found.values()) names.sort()
  return found
}
