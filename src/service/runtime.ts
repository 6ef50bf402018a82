import type { AsyncLocalStorage } from 'node:async_hooks'
import type { Call } from './caller.ts'
import type { MultipleCredentialsListener, SimpleCredentialsListener } from './credentials.ts'
import type { SharedState } from './shared-state.ts'
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

/** A section of the configuration: texts are options, the rest are sections. */
export interface ConfigurationTree {
  readonly [name: string]: string | ConfigurationTree
}

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
  /** As much of the configuration as services of this deployment may see, as it is now. */
  configuration(): ConfigurationTree
  /** Whether a second pair of class and name is refused, as on a node. */
  readonly oneInstance: boolean
  readonly shared: SharedState
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

/**
 * What a handler is told when it is initialised, in DIRAC's words.
 *
 * @see dirac-https.md 5
 */
export interface ServiceInfo {
  /** `System/Service`. */
  readonly serviceName: string
  /** Where its options stand in the configuration: `/Systems/System/Services/Service`. */
  readonly serviceSectionPath: string
  /** The sections that its options are looked up in: that one. */
  readonly csPaths: readonly string[]
  /** The whole address of the first request. */
  readonly URL: string
}

interface Shared {
  node: ServiceNode | undefined
  /** By the class of their handlers; the URL is empty until the first request. */
  readonly services: WeakMap<object, ServiceInfo>
  /** The call that is being answered; made with the first of which something is known. */
  call?: AsyncLocalStorage<Call>
  readonly registered: RegisteredRI[]
}

const key = Symbol.for('dhn.service')
const holder = globalThis as { [key]?: Shared }

/**
 * What all copies of `dhn/service` in one process share: a service may have bundled one, or reach it through a link.
 */
export const shared: Shared = holder[key] ?? { node: undefined, services: new WeakMap(), registered: [] }
holder[key] = shared
