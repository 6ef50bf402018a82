import { type CfgSection, isOption, isSection, listOf } from './cfg.ts'
import { optionAt, sectionAt, valueAt } from './options.ts'

// Look-ups under DIRAC's own names. Three layouts are in the field (dirac-https.md 9): a setup names an instance of each
// system and its options stand below `/Systems/<System>/<instance>`; `/DIRAC/NoSetup = True`, or no setup at all, and they
// stand below `/Systems/<System>`. Both places are looked in, the instance's first.

/** The setup in use; undefined where there are none. */
export function getSetup(root: CfgSection): string | undefined {
  if (valueAt(root, '/DIRAC/NoSetup', false)) return undefined
  return valueAt(root, '/DIRAC/Setup', '') || undefined
}

/** The instance of a system in the setup in use; undefined where there is none. */
export function getSystemInstance(root: CfgSection, system: string): string | undefined {
  const setup = getSetup(root)
  return setup === undefined ? undefined : valueAt(root, `/DIRAC/Setups/${setup}/${system}`, '') || undefined
}

/** Paths below which the options of a system may stand, the one that counts first. */
export function systemSections(root: CfgSection, system: string): readonly string[] {
  const instance = getSystemInstance(root, system)
  const bare = `/Systems/${system}`
  return instance === undefined ? [bare] : [`${bare}/${instance}`, bare]
}

/** The path of a system's section: the first that is there, else the one that counts. */
export const getSystemSection = (root: CfgSection, system: string): string =>
  firstThere(root, systemSections(root, system))

/** The path of the section of a service, such as `WorkloadManagement/JobManager`; or of an agent, of an API. */
export function getServiceSection(root: CfgSection, service: string, kind = 'Services'): string {
  const { system, name } = divideFullName(service)
  return firstThere(
    root,
    systemSections(root, system).map((section) => `${section}/${kind}/${name}`),
  )
}

/** The value of an option of a service in the type of `otherwise`, wherever the layout has it. */
export const getServiceOption = <T extends Parameters<typeof valueAt>[2]>(
  root: CfgSection,
  service: string,
  option: string,
  otherwise: T,
): ReturnType<typeof valueAt<T>> => valueAt(root, `${getServiceSection(root, service)}/${option}`, otherwise)

/**
 * The addresses of a service, those for a failover last; each with port and path. `$MAINSERVERS$` becomes each of the main
 * servers of Operations. A client that wants to spread its load shuffles each of the two itself.
 */
export function getServiceURLs(
  root: CfgSection,
  service: string,
  { failover = false, vo }: { readonly failover?: boolean; readonly vo?: string } = {},
): readonly string[] {
  const { system, name } = divideFullName(service)
  const kinds = failover ? ['URLs', 'FailoverURLs'] : ['URLs']
  const written = kinds.flatMap((kind) => {
    const paths = systemSections(root, system).map((section) => `${section}/${kind}/${name}`)
    return listOf(paths.map((path) => optionAt(root, path)?.value).find((value) => value !== undefined) ?? '')
  })
  const expanded = written.flatMap((url) =>
    url.includes('$MAINSERVERS$') ? mainServers(root, vo).map((server) => url.replace('$MAINSERVERS$', server)) : [url],
  )
  return [...new Set(expanded.map((url) => wholeUrl(url, service)))]
}

/** The first address of a service; undefined when it has none. */
export const getServiceURL = (root: CfgSection, service: string): string | undefined => getServiceURLs(root, service)[0]

/** The gateways through which a site is to be left; none for most. */
export const getGatewayURLs = (root: CfgSection, site: string): readonly string[] =>
  valueAt(root, `/DIRAC/Gateways/${site}`, [])

/** An option of Operations: what is said for the VO counts before what is said for all, a setup's word before the default's. */
export function getOperationsOption<T extends Parameters<typeof valueAt>[2]>(
  root: CfgSection,
  option: string,
  otherwise: T,
  vo = valueAt(root, '/DIRAC/VirtualOrganization', ''),
): ReturnType<typeof valueAt<T>> {
  const setup = getSetup(root)
  const folders = ['/Operations', ...(vo === '' ? [] : [`/Operations/${vo}`])].reverse()
  const sections = folders.flatMap((folder) => [
    ...(setup === undefined ? [] : [`${folder}/${setup}`]),
    `${folder}/Defaults`,
    ...(folder === '/Operations' ? [] : [folder]),
  ])
  const path = sections.map((section) => `${section}/${option}`).find((path) => optionAt(root, path) !== undefined)
  return valueAt(root, path ?? `/Operations/Defaults/${option}`, otherwise)
}

/** The names of the sections in a section, in the order of the text. */
export const getSections = (root: CfgSection, path: string): readonly string[] =>
  [...(sectionAt(root, path)?.entries ?? [])].flatMap(([name, entry]) => (isSection(entry) ? [name] : []))

/** The names of the options in a section, in the order of the text. */
export const getOptions = (root: CfgSection, path: string): readonly string[] =>
  [...(sectionAt(root, path)?.entries ?? [])].flatMap(([name, entry]) => (isOption(entry) ? [name] : []))

/** The options in a section with their texts, in the order of the text. */
export const getOptionsDict = (root: CfgSection, path: string): ReadonlyMap<string, string> =>
  new Map(
    [...(sectionAt(root, path)?.entries ?? [])].flatMap(([name, entry]) =>
      isOption(entry) ? [[name, entry.value] as const] : [],
    ),
  )

/** `System/Service` in its two parts; of a longer name the last part is the service's. */
export function divideFullName(service: string): { readonly system: string; readonly name: string } {
  const at = service.lastIndexOf('/')
  return { system: service.slice(0, Math.max(0, at)), name: service.slice(at + 1) }
}

const firstThere = (root: CfgSection, paths: readonly string[]): string =>
  paths.find((path) => sectionAt(root, path) !== undefined) ?? (paths[0] as string)

const mainServers = (root: CfgSection, vo: string | undefined): readonly string[] =>
  getOperationsOption(root, 'MainServers', [], ...(vo === undefined ? [] : [vo]))

/** Any scheme: DIRAC's older `dips` stands beside `https`. */
function wholeUrl(url: string, service: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/(\[[^\]]*\]|[^/:]*)(:\d+)?(\/.*)?$/i.exec(url)
  if (parts === null) return url
  const [, scheme = '', host = '', port, path = ''] = parts
  const otherwise = scheme.toLowerCase() === 'https' ? ':443' : ''
  return `${scheme}://${host}${port ?? otherwise}${path === '' || path === '/' ? `/${service}` : path}`
}
