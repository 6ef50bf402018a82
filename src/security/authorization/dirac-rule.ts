import { type ConfigurationSection, itemsOf, listIn, optionIn, sectionIn } from './configuration-section.ts'
import type { RulePlace } from './decision.ts'
import type { Registry } from './registry.ts'

/** A rule of DIRAC, ready to be asked. Immutable: what it allows doesn't change from call to call. */
export interface DiracRule {
  /** As written, for people. */
  readonly text: string
  readonly place: RulePlace
  /** `all` or `any` is among its entries, or it has none but groups. */
  readonly open: boolean
  readonly authenticated: boolean
  /** The groups that may call; undefined when the rule restricts nothing. */
  readonly groups: ReadonlySet<string> | undefined
  /** Every entry that names no group, in lower case, with the spelling of the rule. */
  readonly properties: ReadonlyMap<string, string>
}

export interface RuleSources {
  readonly configuration: ConfigurationSection
  /** The file that an option of the configuration comes from, for places. */
  readonly file: (path: string) => string
  readonly registry: Registry
}

export interface RuledMethod {
  /** The WSDD service's name, such as `Samples/Echo`. */
  readonly service: string
  /** Such as `org.x.EchoService`, for places. */
  readonly className: string
  readonly method: string
  /** What the service's code says in `auth_<method>`: a list, or a text with commas. */
  readonly hardCoded: readonly string[] | string | undefined
}

/**
 * The rule of a method: the first that says anything of the configuration's own for it, the one in the service's code,
 * and the configuration's default. With none of them the place is `missing` and the rule is DIRAC's: any.
 *
 * @see dirac-https.md 7
 */
export function ruleFor({ service, className, method, hardCoded }: RuledMethod, sources: RuleSources): DiracRule {
  const { configuration, file, registry } = sources
  const folders = method.split('/')
  const name = folders.pop() as string
  const sections = authorizationSections(service, configuration).map(({ path, section }) => ({
    path: [path, ...folders].join('/'),
    section: sectionIn(section, folders),
  }))
  const configured = (option: string, kind: RulePlace['kind']): DiracRule | undefined => {
    for (const { path, section } of sections) {
      const entries = listIn(section, option)
      if (entries.length === 0) continue
      const line = optionIn(section, option)?.line ?? 0
      const where = `${path}/${option}`
      return compileRule(entries, { kind, where, file: file(where), line }, registry)
    }
    return undefined
  }
  const coded = typeof hardCoded === 'string' ? itemsOf(hardCoded) : (hardCoded ?? [])
  return (
    configured(name, 'configuration') ??
    (coded.length > 0
      ? compileRule(coded, { kind: 'service', where: `auth_${method} of ${className}` }, registry)
      : configured('Default', 'configuration-default')) ??
    compileRule([], { kind: 'missing', where: `neither the configuration nor ${className} has a rule` }, registry)
  )
}

export function compileRule(entries: readonly string[], place: RulePlace, registry: Registry): DiracRule {
  const groups: string[] = []
  const properties = new Map<string, string>()
  let restricted = false
  for (const entry of entries) {
    if (entry.startsWith('group:')) groups.push(entry.slice('group:'.length).trim())
    else if (entry.startsWith('vo:')) groups.push(...registry.groupsOfVo(entry.slice('vo:'.length).trim()))
    else properties.set(entry.toLowerCase(), entry)
    restricted ||= entry.startsWith('group:') || entry.startsWith('vo:')
  }
  return {
    text: entries.join(', '),
    place,
    open: properties.size === 0 || properties.has('all') || properties.has('any'),
    authenticated: properties.has('authenticated'),
    groups: restricted ? new Set(groups) : undefined,
    properties,
  }
}

/**
 * Where the configuration may rule a service: `/Systems/<System>/<instance>/Services/<Service>/Authorization` when its
 * setup names an instance of the system, then the same without an instance. A name of more or fewer than two segments
 * has its last one for the service and the others for the system.
 */
function authorizationSections(
  service: string,
  root: ConfigurationSection,
): { path: string; section: ConfigurationSection }[] {
  const segments = service.split('/')
  const last = segments.pop() as string
  const instance = instanceOf(segments.join('/'), root)
  const paths = [
    ...(instance === undefined ? [] : [['Systems', ...segments, instance, 'Services', last, 'Authorization']]),
    ['Systems', ...segments, 'Services', last, 'Authorization'],
  ]
  return paths.flatMap((names) => {
    const section = sectionIn(root, names)
    return section === undefined ? [] : [{ path: `/${names.join('/')}`, section }]
  })
}

function instanceOf(system: string, root: ConfigurationSection): string | undefined {
  const dirac = sectionIn(root, ['DIRAC'])
  const setup = optionIn(dirac, 'Setup')?.value.trim()
  const none = ['y', 'yes', 'true', '1'].includes(optionIn(dirac, 'NoSetup')?.value.toLowerCase() ?? '')
  if (setup === undefined || none) return undefined
  return optionIn(sectionIn(root, ['DIRAC', 'Setups', setup]), system)?.value.trim() || undefined
}
