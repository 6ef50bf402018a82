import type { AsyncLocalStorage } from 'node:async_hooks'
import type { RemoteCredentials } from './caller.ts'
import type { MultipleCredentialsListener, SimpleCredentialsListener } from './credentials.ts'
import type { gCubeRIStateICallback } from './startup-manager.ts'

/** A state that a service may ask for with `NAL.setState`. */
export type RequestedState = 'ready' | 'disabled' | 'failed'

/** A resource of the JNDI configuration. */
export interface JndiResource {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What stands behind a JNDI name; a Long beyond JavaScript's exact integers is a bigint. */
export type JndiEntry = string | number | bigint | boolean | JndiResource

/** The node as a service sees it: what stands behind `NAL`. */
export interface ServiceNode {
  readonly riId: string
  readonly dhnId: string
  /** Absolute. */
  readonly configurationDirectory: string
  /** Absolute. */
  readonly persistentDirectory: string
  readonly secure: boolean
  readonly jndi: ReadonlyMap<string, JndiEntry>
  /** Whether a second pair of class and name is refused, as on a node. */
  readonly oneInstance: boolean
  setState(state: RequestedState, reason: string | undefined): Promise<void>
  addressOf(serviceName: string): Promise<string>
}

export interface RegisteredRI {
  readonly serviceClass: string
  readonly serviceName: string
  readonly callback: gCubeRIStateICallback
  readonly credentials: 'none' | 'simple' | 'multiple'
  readonly listener: SimpleCredentialsListener | MultipleCredentialsListener | undefined
}

interface Shared {
  node: ServiceNode | undefined
  /** The caller of the call that is being answered; made with the first one who is known. */
  caller?: AsyncLocalStorage<RemoteCredentials>
  readonly registered: RegisteredRI[]
}

const key = Symbol.for('dhn.service')
const holder = globalThis as { [key]?: Shared }

/**
 * What all copies of `dhn/service` in one process share: a service may have bundled one, or reach it through a link.
 */
export const shared: Shared = holder[key] ?? { node: undefined, registered: [] }
holder[key] = shared
