import { type Caller, type CallerName, namedInText } from './caller.ts'
import type { CallAccepted, CallCredentials, CallRefused, Decision, RefusalStep } from './decision.ts'
import type { DiracRule } from './dirac-rule.ts'
import { hostsGroup, type Registry } from './registry.ts'

/** Who somebody is once the registry was asked. */
interface Known {
  readonly group: string
  readonly username: string
  readonly properties: readonly string[]
}

interface Question {
  readonly rule: DiracRule
  readonly registry: Registry
}

interface Subject {
  readonly name: CallerName
  readonly proxy: boolean
  /** From the chain, or from the host that speaks for the subject. */
  readonly group: string | undefined
  /** Undefined: none was sent, or it is used up. */
  readonly extra: string | undefined
  readonly forwardedBy: string | undefined
}

const visitor = { group: 'visitor', username: 'anonymous', properties: [] } as const

/**
 * Decides as DIRAC does whether somebody may call a method.
 *
 * Where DIRAC is wrong this is right instead: a rule restricts groups on every call; a VO without groups lets nobody in
 * and not everybody; whoever is in none of the groups he claims has no properties of it. What isn't exactly a text or a pair of
 * texts is no extra credentials, and refused from anybody who has a name.
 *
 * @param extraCredentials as decoded from the call; undefined when none were sent. What can't be decoded is `null`
 * @see dirac-https.md 7
 */
export function decideByDirac(
  rule: DiracRule,
  caller: Caller,
  extraCredentials: unknown,
  registry: Registry,
): Decision {
  const question = { rule, registry }
  if (caller.name === undefined) return decideForNobody(rule)
  if (caller.rights === 'none') return decideForVisitor(rule, caller.name)
  if (caller.token !== undefined && extraCredentials !== undefined) {
    const reason = 'a caller with a token sends extra credentials, which only a certificate may'
    return refuse(rule, 'extra-credentials', reason, { DN: caller.name.text, properties: [] })
  }
  const subject = { name: caller.name, proxy: caller.proxy, group: caller.group, forwardedBy: undefined }
  if (extraCredentials === undefined || typeof extraCredentials === 'string') {
    return decide(question, { ...subject, extra: extraCredentials })
  }
  const credentials = claimed({ ...subject, extra: undefined })
  if (!isPair(extraCredentials)) {
    const reason = 'the extra credentials are neither a text nor a pair of a name and a group'
    return refuse(rule, 'extra-credentials', reason, credentials)
  }
  const host = caller.name.key === undefined ? undefined : registry.hostOf(caller.name.key)
  const [dn, group] = extraCredentials
  if (host?.trusted !== true) {
    const who = host === undefined ? 'a caller that is no host' : `the host ${host.name} without TrustedHost`
    return refuse(rule, 'forwarding', `${who} speaks for ${cut(dn)} in the group ${cut(group)}`, credentials)
  }
  const name = namedInText(dn)
  return decide(question, { name, proxy: false, group, extra: undefined, forwardedBy: host.name })
}

function decideForNobody(rule: DiracRule): Decision {
  const credentials = { properties: [] }
  if (rule.open && rule.groups === undefined) return accept(rule, credentials)
  return refuse(rule, 'anonymous', 'the caller has no certificate', credentials, 'DHN_UNAUTHENTICATED')
}

function decideForVisitor(rule: DiracRule, { text }: CallerName): Decision {
  const credentials = { DN: text, ...visitor }
  if (rule.open && rule.groups === undefined) return accept(rule, credentials)
  return refuse(rule, 'no-rights', 'the proxy inherits no rights from its issuer', credentials)
}

function decide(question: Question, subject: Subject): Decision {
  const { rule, registry } = question
  const known = identify(subject, registry)
  if ('step' in known && !rule.open)
    return refuse(rule, known.step, known.reason, { ...claimed(subject), ...known.who })
  const identity = 'step' in known ? visitor : known
  const { group, username, properties } = identity
  const credentials = { ...claimed(subject), group, username, properties }
  const groupAllowed = rule.groups === undefined || rule.groups.has(group)
  if (groupAllowed && (rule.open || rule.authenticated)) return accept(rule, credentials)

  const matching = properties.flatMap((property) => rule.properties.get(property.toLowerCase()) ?? [])
  const reduced = { ...credentials, properties: matching }
  if (!groupAllowed) {
    const reason =
      'step' in known ? `${known.reason}, and the rule lets certain groups in` : `the group ${cut(group)} is not let in`
    return refuse(rule, 'group-restriction', reason, reduced)
  }
  if (matching.length > 0) return accept(rule, reduced)
  return refuse(rule, 'property', `${username} has none of the properties asked for`, reduced)
}

interface Unknown {
  readonly step: RefusalStep
  readonly reason: string
  /** The group that was claimed, and the user when the registry has one. */
  readonly who: Pick<CallCredentials, 'group' | 'username'>
}

function identify(subject: Subject, registry: Registry): Known | Unknown {
  const { key } = subject.name
  const user = key === undefined ? undefined : registry.userOf(key)
  const byDefault = () => user && registry.defaultGroupOf(user)
  // A group of the chain counts before one that is asked for, and for a proxy the default group is the chain's.
  const ofChain = subject.group ?? (subject.proxy ? byDefault() : undefined)
  const group = subject.extra === hostsGroup ? hostsGroup : (ofChain ?? subject.extra ?? byDefault())
  const unknown = (step: RefusalStep, reason: string, username?: string): Unknown => {
    const who = { ...(group === undefined ? {} : { group }), ...(username === undefined ? {} : { username }) }
    return { step, reason, who }
  }
  if (group === hostsGroup) {
    const host = key === undefined ? undefined : registry.hostOf(key)
    if (host === undefined) return unknown('host-unknown', 'no host is registered under this name')
    return { group, username: host.name, properties: host.properties }
  }
  if (user === undefined || key === undefined) {
    return unknown('user-unknown', 'no user is registered under this name')
  }
  if (group === undefined) return unknown('no-group', `the user ${user.name} is in no group`, user.name)
  const inRegistry = registry.groups.get(group)
  if (inRegistry === undefined) return unknown('group-unknown', `there is no group ${cut(group)}`)
  const member = registry.memberOf(key, inRegistry)
  if (member === undefined) return unknown('not-in-group', `the user ${user.name} is not in the group ${group}`)
  if (registry.isSuspended(member, inRegistry)) {
    return unknown('suspended', `the user ${member.name} is suspended in the VO of the group ${group}`, member.name)
  }
  return { group, username: member.name, properties: inRegistry.properties }
}

/** What the caller says of himself: no properties yet, as nothing of it is checked. */
function claimed({ name, group, extra, forwardedBy }: Subject): CallCredentials {
  return {
    DN: name.text,
    ...(group === undefined ? {} : { group }),
    properties: [],
    ...(extra === undefined ? {} : { extraCredentials: extra }),
    ...(forwardedBy === undefined ? {} : { forwardedBy }),
  }
}

function isPair(value: unknown): value is readonly [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string') && value[0] !== ''
}

const cut = (text: string): string => text.slice(0, 100)

const accept = ({ text, place }: DiracRule, credentials: CallCredentials): CallAccepted => ({
  accepted: true,
  rule: text,
  place,
  credentials,
})

const refuse = (
  { text, place }: DiracRule,
  step: RefusalStep,
  reason: string,
  credentials: CallCredentials,
  code: CallRefused['code'] = 'DHN_NOT_AUTHORIZED',
): CallRefused => ({ accepted: false, code, rule: text, place, step, reason, credentials })
