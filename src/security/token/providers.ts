import { isAbsolute, join, normalize, sep } from 'node:path'
import {
  type ConfigurationSection,
  listIn,
  optionIn,
  sectionIn,
  sectionsIn,
} from '../authorization/configuration-section.ts'

/** An entry of `/Resources/IdProviders`: plain data. */
export interface Provider {
  readonly name: string
  /** `iss` of its tokens, exactly. */
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly keys: KeySource
}

/** A file, an address of keys, or an address that tells where the keys are. */
export type KeySource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'keys' | 'metadata'; readonly url: string }

export interface Providers {
  readonly providers: readonly Provider[]
  /** Why others aren't believed. */
  readonly problems: readonly string[]
}

const path = ['Resources', 'IdProviders']

/**
 * Who makes tokens that are believed, under DIRAC's option names (`issuer`, `jwks_uri`, `server_metadata_url`) and two of
 * dhn's own: `jwks`, a file in the home, and `audience`. An entry that says something else than it seems to makes nobody.
 */
export function providersIn(configuration: ConfigurationSection, home: string): Providers {
  const providers: Provider[] = []
  const problems: string[] = []
  for (const [name, section] of sectionsIn(sectionIn(configuration, path))) {
    // DIRAC has entries there that make no tokens.
    const issuer = optionIn(section, 'issuer')?.value.trim() ?? ''
    if (issuer === '') continue
    const keys = sourceIn(section, issuer, home)
    const first = providers.find((one) => one.issuer === issuer)
    if (typeof keys === 'string') problems.push(`/${[...path, name].join('/')}: ${keys}`)
    else if (first !== undefined) problems.push(`/${[...path, name].join('/')}: it has the issuer of ${first.name}`)
    else providers.push({ name, issuer, audiences: listIn(section, 'audience'), keys })
  }
  return { providers, problems }
}

/** Or why there is none. */
function sourceIn(section: ConfigurationSection, issuer: string, home: string): KeySource | string {
  const said = (option: string): string => optionIn(section, option)?.value.trim() ?? ''
  const file = said('jwks')
  if (file !== '') {
    const inside = normalize(file)
    const leaves = isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)
    return leaves ? `jwks = ${file} is not in the home` : { kind: 'file', file: join(home, inside) }
  }
  const [option, kind] =
    said('jwks_uri') === '' ? (['server_metadata_url', 'metadata'] as const) : (['jwks_uri', 'keys'] as const)
  const url = said(option) || `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  return isHttps(url) ? { kind, url } : `keys come from a file or over HTTPS, not from ${url}`
}

export const isHttps = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'https:'

/** A group with what `IdPRole` says: the scopes that stand for it. */
export type ScopedGroup = readonly [group: string, scopes: readonly string[]]

/** Groups that other scopes than `g:<group>` stand for, in the order of the registry. */
export function scopedGroupsIn(configuration: ConfigurationSection): readonly ScopedGroup[] {
  return sectionsIn(sectionIn(configuration, ['Registry', 'Groups'])).flatMap(([group, section]): ScopedGroup[] => {
    const scopes = (optionIn(section, 'IdPRole')?.value ?? '').split(/[\s]+/).filter((scope) => scope !== '')
    return scopes.length === 0 ? [] : [[group, scopes]]
  })
}

/** The group that a token is for, as DIRAC finds it: the first that the scopes name, or that has all its scopes among them. */
export function groupIn(scopes: readonly string[], groups: readonly ScopedGroup[]): string | undefined {
  const named = scopes.find((scope) => scope.length > 2 && scope.startsWith('g:'))
  if (named !== undefined) return named.slice(2)
  return groups.find(([, wanted]) => wanted.every((scope) => scopes.includes(scope)))?.[0]
}
