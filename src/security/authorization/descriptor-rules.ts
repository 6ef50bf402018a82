import { NameUnreadable } from '../errors.ts'
import { readName, textKey } from '../name-text.ts'
import type { Caller } from './caller.ts'
import type { CallCredentials, CallRefused, Decision, RefusalStep, RulePlace } from './decision.ts'
import type { GridMap } from './grid-map.ts'
import type { AuthMethod, AuthzStep, OperationSecurity, Said } from './security-descriptor.ts'

/** What the connection gives to every message on it. TLS gives both, plain HTTP neither. */
export interface TransportProtection {
  readonly integrity: boolean
  readonly privacy: boolean
}

/** What the decision points of an authorization chain look at besides the caller. */
export interface AuthzFacts {
  /** `textKey` of the identity that the service acts with: its own credential's, else the node's. */
  readonly self: string | undefined
  /** The grid-map that holds for the service; undefined: there is none, or it can't be read. */
  readonly gridMap: GridMap | undefined
  /** The parameters of the WSDD service: those of a chain are `PREFIX-PROPERTY`. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Decides whether the security descriptors let somebody call an operation.
 *
 * The questions in order: has the caller shown himself in one of the ways asked for, does the connection protect enough,
 * is a limited proxy refused, does every decision point of the chain permit. What can't be met or isn't known here is
 * refused: message security, secure conversations, decision points of other classes. An operation whose method is `none`
 * is open, whatever the chain says; without a chain anybody who has shown himself is let in here, and DIRAC's rules have
 * the last word.
 *
 * @see gcube.md 2.3, security.md 3.3
 */
export function decideByDescriptor(
  security: OperationSecurity,
  caller: Caller,
  protection: TransportProtection,
  facts: AuthzFacts,
): Decision {
  const credentials = credentialsOf(caller)
  const refuse = (said: Said<unknown> | undefined, rule: string, step: RefusalStep, reason: string): CallRefused => ({
    accepted: false,
    code: caller.name === undefined ? 'DHN_UNAUTHENTICATED' : 'DHN_NOT_AUTHORIZED',
    rule,
    place: placeOf(said),
    step,
    reason,
    credentials,
  })

  let asked: Said<readonly AuthMethod[]> | undefined
  for (const said of security.authMethods) {
    if (said.what.some(({ method }) => method === 'none')) continue
    asked = said
    const failure = failureOfAll(said.what, caller, protection)
    if (failure !== undefined) return refuse(said, methodsText(said.what), failure.step, failure.reason)
  }
  const limited = security.rejectLimitedProxy
  if (limited?.what === true && caller.rights === 'limited') {
    return refuse(limited, 'reject-limited-proxy', 'limited-proxy', 'the proxy of the caller is limited')
  }
  const open = security.authMethods.length > 0 && asked === undefined
  for (const step of open ? [] : (security.authz?.what ?? [])) {
    const reason = objection(step, caller, facts)
    if (reason !== undefined) return refuse(security.authz, `authz ${step.text}`, 'authz', reason)
  }
  const decisive = asked ?? security.authMethods[0] ?? security.authz
  const methods = asked ?? security.authMethods[0]
  return {
    accepted: true,
    rule: methods === undefined ? 'no authentication asked for' : methodsText(methods.what),
    place: placeOf(decisive),
    credentials,
  }
}

interface Failure {
  readonly step: RefusalStep
  readonly reason: string
}

/** Undefined when one method is met. Of several failures the one of a method that could be met here tells most. */
function failureOfAll(methods: readonly AuthMethod[], caller: Caller, given: TransportProtection): Failure | undefined {
  const failures: Failure[] = []
  for (const method of methods) {
    const failure = failureOf(method, caller, given)
    if (failure === undefined) return undefined
    failures.push(failure)
  }
  return failures.find(({ step }) => step !== 'auth-method') ?? failures[0] ?? noMethod
}

const noMethod: Failure = { step: 'auth-method', reason: 'the descriptor names no method that could be met' }

function failureOf(
  { method, protection }: AuthMethod,
  caller: Caller,
  given: TransportProtection,
): Failure | undefined {
  if (method !== 'GSITransport') return { step: 'auth-method', reason: `${method} can't be met on this node` }
  if (caller.name === undefined) return { step: 'anonymous', reason: 'the caller has no certificate' }
  if (caller.token !== undefined) return { step: 'anonymous', reason: 'the caller has a token and no certificate' }
  if (caller.rights === 'none') {
    return { step: 'no-rights', reason: 'the proxy inherits no rights from its issuer' }
  }
  const wanted = protection ?? ['integrity', 'privacy']
  if (wanted.some((level) => given[level])) return undefined
  return { step: 'protection-level', reason: `the connection gives no ${wanted.join(' and no ')}` }
}

/** Why a decision point doesn't permit; undefined when it does. */
function objection({ kind, text, prefix }: AuthzStep, caller: Caller, facts: AuthzFacts): string | undefined {
  if (kind === 'none') return undefined
  if (kind === 'unknown') return `the decision point ${text} isn't known on this node`
  const key = caller.name?.key
  if (key === undefined || caller.token !== undefined) return 'the caller has no certificate'
  if (caller.rights === 'none') return 'the proxy inherits no rights from its issuer'
  if (kind === 'self') return key === facts.self ? undefined : 'the caller is not the service itself'
  if (kind === 'gridmap') {
    if (facts.gridMap === undefined) return 'there is no grid-map that could be read'
    return facts.gridMap.accountsOf(key).length > 0 ? undefined : "the grid-map doesn't name the caller"
  }
  const property = kind === 'identity' ? 'identity' : 'url'
  const wanted = parameterOf(facts.parameters, prefix, property)
  if (wanted === undefined) return `the WSDD has no parameter ${prefix}-${property}`
  if (kind === 'identity') return keyOf(wanted) === key ? undefined : `the caller is not ${wanted}`
  const host = hostIn(wanted)
  return host !== undefined && isHostOfName(key, host) ? undefined : `the caller is not the host of ${wanted}`
}

/** The parameters of a chain's step; GT4's own aliases have these prefixes. */
const otherPrefixes: Readonly<Record<string, string>> = { identity: 'idenAuthz', host: 'hostAuthz' }

const parameterOf = (parameters: AuthzFacts['parameters'], prefix: string, property: string): string | undefined =>
  [prefix, ...(Object.hasOwn(otherPrefixes, prefix) ? [otherPrefixes[prefix]] : [])]
    .map((one) => `${one}-${property}`)
    .flatMap((name) => (Object.hasOwn(parameters, name) ? [(parameters[name] as string).trim()] : []))
    .find((value) => value !== '')

function keyOf(text: string): string | undefined {
  try {
    return textKey(readName(text))
  } catch (error) {
    if (error instanceof NameUnreadable) return undefined
    throw error
  }
}

function hostIn(text: string): string | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/([^/:?#@]+)(?::\d+)?(?:[/?#]|$)/i.exec(text)?.[1] ?? text
  return /^[A-Za-z0-9.-]+$/.test(host) ? host.toLowerCase() : undefined
}

/** Globus' names of hosts: the last CommonName is `host/<name>` or the name itself. */
function isHostOfName(key: string, host: string): boolean {
  const last = key.split('\u0002').at(-1) as string
  const [type, ...value] = last.split('=')
  const name = value.join('=').toLowerCase()
  return type === '2.5.4.3' && (name === host || name === `host/${host}`)
}

const methodsText = (methods: readonly AuthMethod[]): string =>
  methods
    .map(({ method, protection }) => (protection === undefined ? method : `${method}(${protection.join(' or ')})`))
    .join(' or ')

function placeOf(said: Said<unknown> | undefined): RulePlace {
  if (said === undefined) return { kind: 'missing', where: 'no security descriptor says anything' }
  const { level, file, element, line } = said
  const kind = level === 'container' ? 'container-descriptor' : 'security-descriptor'
  return { kind, where: `${element} of ${file}`, file, ...(line === undefined ? {} : { line }) }
}

const credentialsOf = ({ name, group }: Caller): CallCredentials =>
  name === undefined ? { properties: [] } : { DN: name.text, ...(group === undefined ? {} : { group }), properties: [] }
