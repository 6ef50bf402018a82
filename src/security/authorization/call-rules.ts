import type { Caller } from './caller.ts'
import type { CallRefused, Decision, RulePlace } from './decision.ts'
import { type AuthzFacts, decideByDescriptor, type TransportProtection } from './descriptor-rules.ts'
import { type DiracRule, type RuleSources, ruleFor } from './dirac-rule.ts'
import { decideByDirac } from './dirac-rules.ts'
import { type DescriptorLevels, type OperationSecurity, operationSecurity } from './security-descriptor.ts'

/** One WSDD service that has registered: what it offers and what its descriptors say. */
export interface RuledService {
  readonly service: string
  readonly className: string
  /** The methods it offers, with the rule that each one's code declares. */
  readonly methods: Readonly<Record<string, { readonly rule: readonly string[] | string | undefined }>>
  readonly descriptors: DescriptorLevels
}

/** What rules of a node need to know besides the service. */
export interface RuleFacts extends RuleSources, AuthzFacts {
  /** What no rule means for a method: DIRAC's answer is any; `refuse` asks for one, of DIRAC's kind or a descriptor's. */
  readonly withoutRule: 'any' | 'refuse'
}

interface MethodRules {
  readonly dirac: DiracRule
  readonly descriptor: OperationSecurity
  /** A security descriptor has a word about it. */
  readonly described: boolean
}

/** So many different extra credentials of one caller are remembered; the others are decided anew each time. */
const MAX_REMEMBERED = 100
const MAX_EXTRA = 400

/**
 * The rules of one service, found and compiled once: DIRAC's and the security descriptors', and both must let a call in.
 *
 * An immutable snapshot of configuration, registry and descriptors; when one of them changes another is made. A call
 * costs a few look-ups; what was decided for a caller is remembered for as long as its object lives.
 */
export class CallRules {
  /** Methods that nobody has written a rule for, in the order of the service. */
  readonly methodsWithoutRule: readonly string[]
  readonly #methods: ReadonlyMap<string, MethodRules>
  readonly #decisions = new WeakMap<Caller, Map<string, Decision>>()

  constructor(
    { service, className, methods, descriptors }: RuledService,
    private readonly facts: RuleFacts,
  ) {
    this.#methods = new Map(
      Object.entries(methods).map(([method, { rule }]) => {
        const dirac = ruleFor({ service, className, method, hardCoded: rule }, facts)
        const descriptor = operationSecurity(descriptors, method)
        const described = descriptor.authMethods.length > 0 || descriptor.authz !== undefined
        return [method, { dirac, descriptor, described }]
      }),
    )
    this.methodsWithoutRule = [...this.#methods].flatMap(([method, { dirac, described }]) =>
      dirac.place.kind === 'missing' && !described ? [method] : [],
    )
  }

  /** Where the rules of a method stand: the descriptor's word is `undefined` when there is none. */
  ruleOf(method: string): Pick<MethodRules, 'dirac' | 'descriptor'> | undefined {
    return this.#methods.get(method)
  }

  /**
   * Whether this caller may call this method. Never throws.
   *
   * @param extraCredentials as decoded from the call; `undefined` when none were sent, `null` when they can't be decoded
   */
  decide(method: string, caller: Caller, protection: TransportProtection, extraCredentials: unknown): Decision {
    const rules = this.#methods.get(method)
    if (rules === undefined) return noRule({ kind: 'missing', where: 'the service has no such method' }, caller)
    const extra = rememberedAs(extraCredentials)
    if (extra === undefined) return this.#decide(rules, caller, protection, extraCredentials)
    const key = `${method}\n${protection.integrity ? 'i' : ''}${protection.privacy ? 'p' : ''}${extra}`
    const remembered = this.#decisions.get(caller) ?? new Map<string, Decision>()
    const known = remembered.get(key)
    if (known !== undefined) return known
    const decision = this.#decide(rules, caller, protection, extraCredentials)
    if (remembered.size === 0) this.#decisions.set(caller, remembered)
    if (remembered.size < MAX_REMEMBERED) remembered.set(key, decision)
    return decision
  }

  #decide(rules: MethodRules, caller: Caller, protection: TransportProtection, extraCredentials: unknown): Decision {
    const { dirac, descriptor, described } = rules
    const missing = dirac.place.kind === 'missing'
    if (missing && !described && this.facts.withoutRule === 'refuse') return noRule(dirac.place, caller)
    const byDescriptor = decideByDescriptor(descriptor, caller, protection, this.facts)
    if (!byDescriptor.accepted) return byDescriptor
    const byDirac = decideByDirac(dirac, caller, extraCredentials, this.facts.registry)
    if (!missing || !described || !byDirac.accepted) return byDirac
    const { rule, place } = byDescriptor
    return { ...byDirac, rule, place }
  }
}

/** A short text for extra credentials whose decision is worth remembering. */
function rememberedAs(extra: unknown): string | undefined {
  if (extra === undefined) return ''
  if (typeof extra === 'string') return extra.length <= MAX_EXTRA ? `\ns${extra}` : undefined
  if (!Array.isArray(extra) || extra.length !== 2) return undefined
  const [dn, group]: unknown[] = extra
  if (typeof dn !== 'string' || typeof group !== 'string' || dn.length + group.length > MAX_EXTRA) return undefined
  return `\nf${dn.length}\n${dn}${group}`
}

const noRule = (place: RulePlace, caller: Caller): CallRefused => ({
  accepted: false,
  code: caller.name === undefined ? 'DHN_UNAUTHENTICATED' : 'DHN_NOT_AUTHORIZED',
  rule: '',
  place,
  step: 'no-rule',
  reason: 'nobody has written down who may call this method',
  credentials: caller.name === undefined ? { properties: [] } : { DN: caller.name.text, properties: [] },
})
