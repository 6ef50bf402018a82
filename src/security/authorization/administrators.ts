import { NameUnreadable } from '../errors.ts'
import { readName, textKey } from '../name-text.ts'
import type { Caller } from './caller.ts'
import type { CallRefused, Decision, RefusalStep, RulePlace } from './decision.ts'
import type { Registry } from './registry.ts'

export interface AdministratorsOptions {
  /** Names in the form `/C=…/CN=…`, or of RFC 2253. */
  readonly names: readonly string[]
  /** DIRAC groups whose members may administer. */
  readonly groups: readonly string[]
  readonly registry: Registry
  /** Where the lists stand. */
  readonly place: RulePlace
}

/**
 * Who may administer the node from afar, or start code on it: deploy, delegate. Nobody unless listed; limited proxies and
 * those that inherit nothing never.
 */
export class Administrators {
  /** Names that can't be read: they let nobody in. */
  readonly unreadable: readonly string[]
  readonly #keys: ReadonlySet<string>

  constructor(private readonly options: AdministratorsOptions) {
    const keys = options.names.map((name) => ({ name, key: keyOf(name) }))
    this.unreadable = keys.filter(({ key }) => key === undefined).map(({ name }) => name)
    this.#keys = new Set(keys.flatMap(({ key }) => key ?? []))
  }

  decide(caller: Caller): Decision {
    const { groups, registry, place } = this.options
    const { name, rights } = caller
    const rule = 'administrators'
    const refuse = (step: RefusalStep, reason: string): CallRefused => ({
      accepted: false,
      code: name === undefined ? 'DHN_UNAUTHENTICATED' : 'DHN_NOT_AUTHORIZED',
      rule,
      place,
      step,
      reason,
      credentials: name === undefined ? { properties: [] } : { DN: name.text, properties: [] },
    })
    if (name === undefined) return refuse('anonymous', 'the caller has no certificate')
    if (rights === 'limited') return refuse('limited-proxy', 'a limited proxy may not start code or administer')
    if (rights === 'none') return refuse('no-rights', 'the proxy inherits no rights from its issuer')
    const { key, text } = name
    if (key !== undefined && this.#keys.has(key)) {
      return { accepted: true, rule, place, credentials: { DN: text, properties: [] } }
    }
    // Who comes in one group doesn't act in another.
    for (const group of groups.filter((one) => caller.group === undefined || caller.group === one)) {
      const inRegistry = registry.groups.get(group)
      const member = inRegistry && key !== undefined ? registry.memberOf(key, inRegistry) : undefined
      if (inRegistry === undefined || member === undefined || registry.isSuspended(member, inRegistry)) continue
      const { properties } = inRegistry
      return { accepted: true, rule, place, credentials: { DN: text, group, username: member.name, properties } }
    }
    return refuse('not-in-group', 'the caller is not among the administrators')
  }
}

function keyOf(text: string): string | undefined {
  try {
    return textKey(readName(text.trim()))
  } catch (error) {
    if (error instanceof NameUnreadable) return undefined
    throw error
  }
}
