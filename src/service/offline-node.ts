import type { MultipleCredentialsListener, SimpleCredentialsListener } from './credentials.ts'
import { AddressUnknown } from './nal.ts'
import { OfflineSharedState } from './offline-shared-state.ts'
import {
  type ConfigurationTree,
  type JndiEntry,
  type RegisteredRI,
  type RequestedState,
  type ServiceNode,
  shared,
} from './runtime.ts'
import type { SharedState } from './shared-state.ts'

export interface OfflineNodeOptions {
  readonly riId?: string
  readonly dhnId?: string
  readonly configurationDirectory?: string
  readonly persistentDirectory?: string
  readonly secure?: boolean
  /** By name, `java:comp/env/…`. */
  readonly jndi?: Readonly<Record<string, JndiEntry>>
  /** What `getCSOption` finds, below the configuration's root. */
  readonly configuration?: ConfigurationTree
  /** Addresses by service name. */
  readonly addresses?: Readonly<Record<string, string>>
  /** What `NAL.setState` does; by default every change is taken. */
  readonly setState?: (state: RequestedState, reason: string | undefined) => void | Promise<void>
}

/** A node that is not there: for the unit tests of a service. */
export interface OfflineNode {
  /** What was registered, also before the node was made. */
  readonly registered: readonly RegisteredRI[]
  /** The changes of state that were asked for and taken, oldest first. */
  readonly states: readonly { readonly state: RequestedState; readonly reason: string | undefined }[]
  /** What is shared, as the service sees it, and as another process of it does. */
  readonly shared: SharedState
  readonly sharedElsewhere: SharedState
  /** Hands a credential to the listener of the instance registered last. */
  deliverCredentials(pem: string, scope?: string): Promise<void>
  /** Forgets the node and what was registered. */
  close(): void
}

/**
 * Stands in for a node, so that a service's code can be tested without one. Several services may be registered on it.
 *
 *     const node = offlineNode({ jndi: { 'java:comp/env/services/Samples/Counter/step': 2 } })
 *     const counter = new CounterService()
 *     await node.registered[0]?.callback.ready()
 *     expect(counter.export_add(1)).toEqual(S_OK(2))
 *     node.close()
 */
export function offlineNode(options: OfflineNodeOptions = {}): OfflineNode {
  const states: { state: RequestedState; reason: string | undefined }[] = []
  const values = new OfflineSharedState()
  const node: ServiceNode = {
    riId: options.riId ?? '00000000-0000-4000-8000-000000000001',
    dhnId: options.dhnId ?? '00000000-0000-4000-8000-000000000002',
    configurationDirectory: options.configurationDirectory ?? process.cwd(),
    persistentDirectory: options.persistentDirectory ?? process.cwd(),
    secure: options.secure ?? false,
    jndi: new Map(Object.entries(options.jndi ?? {})),
    configuration: () => options.configuration ?? {},
    oneInstance: false,
    shared: values.place(),
    async setState(state, reason) {
      await options.setState?.(state, reason)
      states.push({ state, reason })
    },
    async addressOf(serviceName) {
      const address = options.addresses?.[serviceName]
      if (address === undefined) throw new AddressUnknown(serviceName)
      return address
    },
  }
  shared.node = node
  return {
    shared: node.shared,
    sharedElsewhere: values.place(),
    registered: shared.registered,
    states,
    async deliverCredentials(pem, scope) {
      const { credentials, listener } = shared.registered.at(-1) ?? {}
      if (credentials === 'simple') await (listener as SimpleCredentialsListener).credentialsDelivered({ pem })
      if (credentials === 'multiple') {
        await (listener as MultipleCredentialsListener).credentialsDelivered(scope ?? '', { pem })
      }
    },
    close() {
      shared.node = undefined
      shared.registered.length = 0
    },
  }
}
