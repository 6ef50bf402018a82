import { DhnError } from './errors.ts'
import { type JndiEntry, type JndiResource, type RequestedState, type ServiceNode, shared } from './runtime.ts'
import type { SharedState } from './shared-state.ts'

interface JndiTypes {
  string: string
  number: number
  bigint: bigint
  boolean: boolean
  resource: JndiResource
}

/** The node access layer: what a service may know of, and ask from, the node it runs on. */
export const NAL = {
  /** The running instance's UUID; it stays the same over versions and restarts. */
  getRIID(): string {
    return node().riId
  },

  /** The node's UUID. */
  getDHNID(): string {
    return node().dhnId
  },

  /** `etc/<GAR ID>` of the deployment, absolute: what the archive brought, not to be written to. */
  getConfigurationDirectory(): string {
    return node().configurationDirectory
  },

  /** Where to keep what must outlive this version of the service; absolute, and there already. */
  getPersistentDirectory(): string {
    return node().persistentDirectory
  },

  /** Whether the running instance was deployed with its secure descriptor. */
  isSecure(): boolean {
    return node().secure
  },

  /** What all processes or threads of the running instance share: small values and leases. */
  getSharedState(): SharedState {
    return node().shared
  },

  lookup,

  /**
   * The address of a service on this node, by its name in the deployment descriptor, such as `Samples/Counter`.
   *
   * @throws {AddressUnknown} no service of that name is deployed here
   */
  async getAddress(serviceName: string): Promise<string> {
    return node().addressOf(serviceName)
  },

  /**
   * Asks for a change of the running instance's state; `reason` is kept and shown to the operator.
   *
   * @throws {TransitionIllegal} that state can't be reached from the present one; nothing was changed
   */
  async setState(state: RequestedState, reason?: string): Promise<void> {
    return node().setState(state, reason)
  },
}

/**
 * The value behind a JNDI name, `java:comp/env/services/Samples/Counter/step`; a name without `java:` is taken below
 * `java:comp/env`. With a type, a value of another type is refused.
 *
 * @throws {JndiNameUnknown} nothing stands behind the name
 * @throws {JndiTypeDiffers} something of another type does
 */
function lookup(name: string): JndiEntry
function lookup<T extends keyof JndiTypes>(name: string, type: T): JndiTypes[T]
function lookup(name: string, type?: keyof JndiTypes): JndiEntry {
  const full = (name.startsWith('java:') ? name : `java:comp/env/${name}`).replace(/\/{2,}/g, '/')
  const value = node().jndi.get(full)
  if (value === undefined) throw new JndiNameUnknown(full)
  const found = typeof value === 'object' ? 'resource' : typeof value
  if (type !== undefined && type !== found) throw new JndiTypeDiffers(full, type, found)
  return value
}

function node(): ServiceNode {
  if (shared.node === undefined) throw new OutsideNode()
  return shared.node
}

/** The JNDI configuration of the deployment has no such name. */
export class JndiNameUnknown extends DhnError {
  readonly code = 'DHN_JNDI_NAME_UNKNOWN'
  // Not called `name`: that is the error's own.
  constructor(readonly jndiName: string) {
    super(`nothing is bound to the JNDI name ${jndiName}`, {
      next: 'Compare it with the names in jndi-config.xml (`dhn inspect` lists them).',
    })
  }
}

/** A JNDI name holds a value of another type than the one asked for. */
export class JndiTypeDiffers extends DhnError {
  readonly code = 'DHN_JNDI_TYPE_DIFFERS'
  constructor(
    readonly jndiName: string,
    readonly asked: string,
    readonly found: string,
  ) {
    super(`the JNDI name ${jndiName} is bound to a ${found}, not a ${asked}`, {
      next: "Correct the entry's type in jndi-config.xml, or ask for the type it has.",
    })
  }
}

/** The code of a service asked for its node and runs on none. */
export class OutsideNode extends DhnError {
  readonly code = 'DHN_OUTSIDE_NODE'
  constructor() {
    super('this code does not run on a node', { next: 'In a test, make a node with offlineNode() first.' })
  }
}

/** No service of that name is deployed on the node. */
export class AddressUnknown extends DhnError {
  readonly code = 'DHN_ADDRESS_UNKNOWN'
  constructor(readonly service: string) {
    super(`no service is deployed here under the name ${service}`, {
      next: 'Deploy it, or name it as a dependency in the profile so that it is waited for.',
    })
  }
}
