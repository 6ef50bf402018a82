/** What a decision says of whoever calls; what a service sees of it is `credentialDictionary`. */
export interface CallCredentials {
  /** The text of the name: the caller's own, or the one a trusted host spoke for. */
  readonly DN?: string
  readonly group?: string
  /** Of the user or host; `anonymous` for somebody who is let in without being known. */
  readonly username?: string
  /** Those of the caller's group or host that the rule asked for, or all of them. */
  readonly properties: readonly string[]
  /** As sent, unless it was used up by speaking for somebody else. */
  readonly extraCredentials?: string
  /** The trusted host that spoke for `DN`. */
  readonly forwardedBy?: string
}

/** Where a rule stands, for people and for `dhn explain`. */
export interface RulePlace {
  readonly kind:
    | 'configuration'
    | 'service'
    | 'configuration-default'
    | 'missing'
    | 'security-descriptor'
    | 'container-descriptor'
  /**
   * Such as `/Systems/Samples/Services/Echo/Authorization/echo`, `auth_echo of org.x.Echo`,
   * `<method name="echo"> of etc/x/security.xml`.
   */
  readonly where: string
  /** The file and the line in it, when it stands in one. */
  readonly file?: string
  readonly line?: number
}

/** Which question the caller failed. The words are a contract with logs and `dhn explain`. */
export const refusalSteps = [
  'no-rule',
  'anonymous',
  'no-rights',
  'extra-credentials',
  'forwarding',
  'host-unknown',
  'user-unknown',
  'group-unknown',
  'not-in-group',
  'no-group',
  'suspended',
  'group-restriction',
  'property',
  'auth-method',
  'protection-level',
  'limited-proxy',
  'authz',
] as const
export type RefusalStep = (typeof refusalSteps)[number]

export interface CallAccepted {
  readonly accepted: true
  /** The rule as written. */
  readonly rule: string
  readonly place: RulePlace
  readonly credentials: CallCredentials
}

/** Data for operators, logs and `dhn explain`; the caller learns the code alone. */
export interface CallRefused {
  readonly accepted: false
  /** Whether it would help to come as somebody: both are 401 for DIRAC's clients. */
  readonly code: 'DHN_UNAUTHENTICATED' | 'DHN_NOT_AUTHORIZED'
  readonly rule: string
  readonly place: RulePlace
  readonly step: RefusalStep
  /** One sentence. It may hold what the caller sent: cut, but not escaped. */
  readonly reason: string
  /** As far as they were known when the call was refused. */
  readonly credentials: CallCredentials
}

export type Decision = CallAccepted | CallRefused
