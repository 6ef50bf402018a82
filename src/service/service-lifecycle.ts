import type { SharedState } from './shared-state.ts'

/** What a service's object is told when it is made. */
export interface ServiceContext {
  /** The service's name in the deployment descriptor, such as `Samples/Counter`. */
  readonly serviceName: string
  /** The parameters of the service in the deployment descriptor, as written. */
  readonly parameters: Readonly<Record<string, string>>
  readonly secure: boolean
  /** What all processes or threads of the running instance share. */
  readonly shared: SharedState
}

/** For a service's object that wants to be told of its beginning and its end. Both are recognised by their names. */
export interface ServiceLifecycle {
  /** Called after the constructor, before any call. */
  init(context: ServiceContext): void | Promise<void>
  /** Called when the object isn't needed any more: at the end, or after the call it was made for. */
  destroy(): void | Promise<void>
}
