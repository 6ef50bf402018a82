import type { ErrorData } from '../service/errors.ts'
import type { RestartPolicy } from './restart-policy.ts'

/** Milliseconds. */
export interface LifecycleLimits {
  /** From the start of a place to the registration. */
  readonly start: number
  /** For all gates together. */
  readonly gates: number
  /** For one `ready()`. */
  readonly ready: number
  /** For one `redeployed()`, `disabled()` or `failed()`. */
  readonly callback: number
  /** For calls in flight to end. */
  readonly drain: number
  /** For a place to end when asked; the machine waits a little longer, so that the place can be ended by force. */
  readonly stop: number
}

export interface LifecycleInput {
  readonly secure: boolean
  /** `disabled`: it goes there when its gates have passed, and `ready()` isn't called before it is enabled. */
  readonly desired: 'ready' | 'disabled'
  /** It replaces an instance that died, so `redeployed()` is called before the first `ready()`. */
  readonly substitute: boolean
  /** `never` until the instance is the one that serves: a candidate that fails is thrown away. */
  readonly policy: RestartPolicy | 'never'
  readonly limits: LifecycleLimits
}

export interface LifecycleContext extends LifecycleInput {
  /** When it went into its state, milliseconds since 1970. */
  readonly since: number
  /** Why it failed, kept until it is ready again; or what `disabled()` threw. */
  readonly cause?: ErrorData | undefined
  /** Times of the failures since it was last healthy, oldest first. */
  readonly failures: readonly number[]
  /** Restarts by policy since it was last healthy. */
  readonly attempts: number
  readonly nextAttemptAt?: number | undefined
  /** Why it isn't started again. */
  readonly gaveUp?: string | undefined
  /** What it waits for while it is registered. */
  readonly waitsFor: readonly string[]
  /** What was asked for while something had to end first. */
  readonly asked?: 'enable' | 'restart' | 'stop' | undefined
}

/** Only an operator's wish is kept as the desired state. */
export type By = 'operator' | 'service'

export type LifecycleEvent =
  | { readonly type: 'enable' | 'disable'; readonly by: By }
  /** The service said that it failed. */
  | { readonly type: 'fail'; readonly cause: ErrorData }
  /** The place has ended without being asked to. */
  | { readonly type: 'ended'; readonly cause: ErrorData }
  /** The gates tell what is still missing. */
  | { readonly type: 'waits'; readonly waitsFor: readonly string[] }
  /** An operator starts a failed instance again: failures are forgotten. */
  | { readonly type: 'restart' }
  /** From now on it is restarted by this policy. */
  | { readonly type: 'adopt'; readonly policy: RestartPolicy | 'never' }
  | { readonly type: 'stop' }
