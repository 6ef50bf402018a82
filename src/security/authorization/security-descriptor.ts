/**
 * What a GT4 security descriptor says, as plain data that can be kept as JSON. `archive/security-descriptor.ts` reads it.
 *
 * @see gcube.md 2.3
 */
export interface SecurityDescriptor {
  /** The file it was read from, as a path inside its deployment; for places. */
  readonly file: string
  /** Operations with a word of their own, in the order of the file. */
  readonly methods: readonly MethodSecurity[]
  /** For every other operation. Absent: the descriptor doesn't say. */
  readonly authMethods?: readonly AuthMethod[]
  readonly runAs?: RunAs
  readonly credential?: DescriptorCredential
  /** All of them must permit. Absent: the descriptor doesn't say. */
  readonly authz?: readonly AuthzStep[]
  readonly rejectLimitedProxy?: boolean
  /** The grid-map file as written. */
  readonly gridMap?: string
  /** Of message security; numbers as written. */
  readonly contextLifetime?: number
  readonly replayAttackWindow?: number
  readonly replayAttackFilter?: boolean
  /** Of a container's descriptor alone. */
  readonly contextTimerInterval?: number
  readonly replayTimerInterval?: number
}

export interface MethodSecurity {
  readonly name: string
  /** Absent: the operation of that name in any namespace. */
  readonly namespace?: string
  readonly authMethods?: readonly AuthMethod[]
  readonly runAs?: RunAs
  /** The line it stands in. */
  readonly line: number
}

/** One way in which a caller may show who he is; a caller has to meet one of them. */
export interface AuthMethod {
  readonly method: 'none' | 'GSITransport' | 'GSISecureMessage' | 'GSISecureConversation'
  /** Either does; absent: any protection. */
  readonly protection?: readonly ('integrity' | 'privacy')[]
}

export type RunAs = 'caller-identity' | 'system-identity' | 'service-identity' | 'resource-identity'

/** Paths as written. */
export interface DescriptorCredential {
  readonly keyFile?: string
  readonly certFile?: string
  readonly proxyFile?: string
}

/** One decision point of an authorization chain. */
export interface AuthzStep {
  /** As written: an alias such as `gridmap`, or `PREFIX:CLASS`. */
  readonly text: string
  readonly kind: 'none' | 'self' | 'gridmap' | 'identity' | 'host' | 'unknown'
  /** What its parameters in the WSDD begin with, before a `-`. */
  readonly prefix: string
}

/** The descriptors that bear on a service: the more particular ones win, property by property. */
export interface DescriptorLevels {
  readonly resource?: SecurityDescriptor
  readonly service?: SecurityDescriptor
  readonly container?: SecurityDescriptor
}

/**
 * What holds for one operation of a service, with the descriptor that says so.
 *
 * Several entries for one local name (in several namespaces) all bind who calls without a namespace, as JSON RPC does.
 */
export interface OperationSecurity {
  readonly operation: string
  /** Each of these must be met by one of its methods. Empty: no descriptor asks for authentication. */
  readonly authMethods: readonly Said<readonly AuthMethod[]>[]
  /** Undefined: no descriptor has an authorization chain. */
  readonly authz: Said<readonly AuthzStep[]> | undefined
  readonly rejectLimitedProxy: Said<boolean> | undefined
  readonly runAs: Said<RunAs> | undefined
  readonly gridMap: Said<string> | undefined
}

/** A word of a descriptor and where it stands. */
export interface Said<T> {
  readonly what: T
  readonly level: keyof DescriptorLevels
  readonly file: string
  /** Such as `<method name="add">` or `<auth-method>`. */
  readonly element: string
  readonly line?: number
}

const order = ['resource', 'service', 'container'] as const

/** What the descriptors say about an operation: resource before service before container. */
export function operationSecurity(levels: DescriptorLevels, operation: string, namespace?: string): OperationSecurity {
  const first = <T>(element: string, read: (descriptor: SecurityDescriptor) => T | undefined): Said<T> | undefined => {
    for (const level of order) {
      const descriptor = levels[level]
      const what = descriptor && read(descriptor)
      if (descriptor && what !== undefined) return { what, level, file: descriptor.file, element }
    }
    return undefined
  }
  const ofMethod = <T>(read: (method: MethodSecurity) => T | undefined): Said<T>[] => {
    for (const level of ['resource', 'service'] as const) {
      const descriptor = levels[level]
      const said = (descriptor?.methods ?? []).flatMap((method): Said<T>[] => {
        const what = isAbout(method, operation, namespace) ? read(method) : undefined
        if (what === undefined) return []
        const element = `<method name="${method.name}">`
        return [{ what, level, file: (descriptor as SecurityDescriptor).file, element, line: method.line }]
      })
      if (said.length > 0) return said
    }
    return []
  }
  const ownMethods = ofMethod(({ authMethods }) => authMethods)
  const general = first('<auth-method>', ({ authMethods }) => authMethods)
  return {
    operation,
    authMethods: ownMethods.length > 0 ? ownMethods : general === undefined ? [] : [general],
    authz: first('<authz>', ({ authz }) => authz),
    rejectLimitedProxy: first('<reject-limited-proxy>', ({ rejectLimitedProxy }) => rejectLimitedProxy),
    runAs: ofMethod(({ runAs }) => runAs)[0] ?? first('<run-as>', ({ runAs }) => runAs),
    gridMap: first('<gridmap>', ({ gridMap }) => gridMap),
  }
}

const isAbout = (method: MethodSecurity, operation: string, namespace: string | undefined): boolean =>
  method.name === operation &&
  (method.namespace === undefined || namespace === undefined || method.namespace === namespace)

/** The methods of a descriptor that a service doesn't have: they would protect nothing. */
export function unknownMethods(
  descriptor: SecurityDescriptor,
  operations: ReadonlySet<string>,
): readonly MethodSecurity[] {
  return descriptor.methods.filter(({ name }) => !operations.has(name))
}
