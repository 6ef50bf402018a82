import type { CfgSources } from '../../cfg/cfg-sources.ts'
import type { CallNote } from '../../container/call-ring.ts'
import type { FollowingOptions } from '../../container/following.ts'
import type { RefusalNote } from '../../container/refusals.ts'
import type { FollowedCalls, TableChange } from '../../container/table-change.ts'
import type { ErrorData } from '../../service/errors.ts'
import type { TransportConfiguration } from '../configuration.ts'

/** What a front has to know before it can serve. */
export interface FrontBeginning {
  /** The home of the node. */
  readonly home: string
  /** With its shares of what is limited. */
  readonly transport: TransportConfiguration
  /** Where the registry and the rules are read from. */
  readonly sources: Pick<CfgSources, 'files' | 'settings' | 'copy'>
  readonly withoutRule: 'any' | 'refuse'
  readonly following: Omit<FollowingOptions, 'leftUnanswered'>
  readonly handOn: HandOnTo
}

/** Where requests go that no front can answer. */
export interface HandOnTo {
  /** A socket of the node, which only its owner can open. */
  readonly socket: string
  /** Says that a request comes from a front. */
  readonly token: string
}

export type Scheme = 'https' | 'http'

/** What a front is asked, and what it answers. */
export interface Questions {
  readonly begin: { readonly ask: FrontBeginning; readonly answer: undefined }
  /** Whether it serves as it was told until now. */
  readonly follow: { readonly ask: undefined; readonly answer: undefined }
  readonly idle: { readonly ask: { readonly id: number; readonly deadline: number }; readonly answer: number }
  readonly calls: { readonly ask: { readonly garId: string }; readonly answer: readonly CallNote[] }
  readonly shut: { readonly ask: { readonly deadline: number }; readonly answer: { readonly cut: number } }
}

export type Question = {
  readonly [Name in keyof Questions]: { readonly name: Name; readonly ask: Questions[Name]['ask'] }
}[keyof Questions]

export type ToFront =
  | TableChange
  /** A file of the configuration, or a grid-map, is another now. */
  | { readonly what: 'refresh' }
  /** With the connection itself, of which nothing was read. */
  | { readonly what: 'connection'; readonly scheme: Scheme }
  | { readonly what: 'question'; readonly number: number; readonly question: Question }

export type FromFront =
  | { readonly what: 'answer'; readonly number: number; readonly answer?: unknown; readonly error?: ErrorData }
  | {
      readonly what: 'log'
      readonly level: 'info' | 'warn' | 'error'
      readonly facts: object
      readonly message: string
    }
  /** Told once a second, which also shows that it lives. */
  | {
      readonly what: 'figures'
      readonly calls: readonly FollowedCalls[]
      readonly connections: Readonly<Record<Scheme, number>>
      readonly unread: number
      readonly rssBytes: number
    }
  /** Callers were refused, each with the id that he was given. */
  | { readonly what: 'refused'; readonly refusals: readonly RefusalNote[] }
  | { readonly what: 'unanswered'; readonly socket: string; readonly calls: number }
