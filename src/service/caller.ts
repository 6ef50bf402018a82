import { AsyncLocalStorage } from 'node:async_hooks'
import { shared } from './runtime.ts'

/**
 * Who calls, in DIRAC's words: `DN`, `group`, `username`, `properties`, `isProxy`, `isLimitedProxy`, `secondsLeft`, `subject`,
 * `issuer`, and of a proxy `identity` and `VO`. Empty when nobody is known: an open service, a call without a certificate.
 *
 * @see docs/secure.md
 */
export interface RemoteCredentials {
  readonly subject?: string
  readonly issuer?: string
  readonly secondsLeft?: number
  readonly isProxy?: boolean
  readonly isLimitedProxy?: boolean
  readonly DN?: string
  readonly identity?: string
  readonly group?: string
  readonly username?: string
  readonly VO?: string
  readonly properties?: readonly string[]
  /** Groups and roles of the caller's VOs as `/vo/group/Role=role`, the primary one first; they come from VOMS and are checked. */
  readonly FQANs?: readonly string[]
  /** Generic attributes that VOMS servers gave the caller. */
  readonly VOMSAttributes?: readonly {
    readonly name: string
    readonly value: string
    readonly qualifier: string
    readonly VO: string
  }[]
  readonly [more: string]: unknown
}

const nobody: RemoteCredentials = Object.freeze({})

/** Who makes the call that is being answered, also after an `await`; empty outside of calls. */
export function remoteCredentials(): RemoteCredentials {
  return shared.caller?.getStore() ?? nobody
}

/**
 * Answers a call of somebody who is known. Calls of nobody don't come through here: an `AsyncLocalStorage` that is never
 * used costs them nothing.
 */
export function callingAs<T>(caller: RemoteCredentials, answer: () => T): T {
  shared.caller ??= new AsyncLocalStorage()
  return shared.caller.run(caller, answer)
}
