import { AsyncLocalStorage } from 'node:async_hooks'
import { shared } from './runtime.ts'

/**
 * Who calls, in DIRAC's words: `DN`, `group`, `username`, `properties`, `isProxy`, `isLimitedProxy`, `secondsLeft`, `subject`,
 * `issuer`, and of a proxy `identity` and `VO`; of who shows a token `ID`, `DN`, `group`, `username`, `properties`. Empty when nobody is known: an open service, a call without a certificate.
 *
 * @see docs/secure.md
 */
export interface RemoteCredentials {
  /** By which his identity provider knows a caller with a token. */
  readonly ID?: string
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

/** What the node tells of a call besides its method and arguments. */
export interface CallFacts {
  readonly credentials?: RemoteCredentials
  /** The network address and port of the caller. */
  readonly remote?: readonly [string, number]
  /** Scheme, host and port by which he called: `https://host:8443`. */
  readonly base?: string
  /** The caller is of a DIRAC whose `ping` says `URL`. */
  readonly tellsURL?: boolean
  /** The answer is wanted as it is, without JSON around it. */
  readonly raw?: boolean
}

const rawMark = '{"raw":true'

/**
 * `CallFacts` as JSON text, made of parts that are such texts already, as it is made for many calls; undefined when there
 * is nothing to tell.
 *
 * @param origin `remote` and `base` as they stand inside the braces
 */
export function callFacts(
  credentials: string | undefined,
  origin: string | undefined,
  raw: boolean,
): string | undefined {
  if (origin === undefined && !raw) return credentials === undefined ? undefined : `{"credentials":${credentials}}`
  const parts = [raw && '"raw":true', credentials !== undefined && `"credentials":${credentials}`, origin]
  return `{${parts.filter((part) => part).join()}}`
}

/** Whether the answer is wanted as it is: told without reading the whole. */
export const isRaw = (told: string): boolean => told.startsWith(rawMark)

const nobody: RemoteCredentials = Object.freeze({})
const nowhere: readonly [string, number] = ['', 0]

/** One call as its handler may ask about it. What the node told is read when it is first asked for. */
export class Call {
  #facts: CallFacts | undefined

  /** @param told `CallFacts` as JSON text */
  constructor(private readonly told: string) {}

  get credentials(): RemoteCredentials {
    return this.#read().credentials ?? nobody
  }

  get remote(): readonly [string, number] {
    return this.#read().remote ?? nowhere
  }

  get base(): string {
    return this.#read().base ?? ''
  }

  get tellsURL(): boolean {
    return this.#read().tellsURL ?? false
  }

  #read(): CallFacts {
    this.#facts ??= JSON.parse(this.told) as CallFacts
    return this.#facts
  }
}

const ofObject = Symbol.for('dhn.service.call')

/** Tells an object that was made for one call which one that is. */
export function isFor(object: object, call: Call): void {
  ;(object as { [ofObject]?: Call })[ofObject] = call
}

/** The call that a handler answers: the one it was made for, else the one that is being answered, also after an `await`. */
export function callOf(handler: object): Call | undefined {
  return (handler as { readonly [ofObject]?: Call })[ofObject] ?? shared.call?.getStore()
}

/**
 * Answers a call by an object that answers others as well. Calls of which nothing is known don't come through here: an
 * `AsyncLocalStorage` that is never used costs them nothing.
 */
export function answering<T>(call: Call, answer: () => T): T {
  shared.call ??= new AsyncLocalStorage()
  return shared.call.run(call, answer)
}
