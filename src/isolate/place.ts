import type { Readable } from 'node:stream'
import type { RestartPolicy } from '../lifecycle/restart-policy.ts'
import type { ErrorData } from '../service/errors.ts'
import type { ConfigurationTree, RequestedState } from '../service/runtime.ts'
import type { AskShared } from '../service/shared-request.ts'
import type { ServiceUser } from './service-user.ts'

/**
 * What a place needs to know to run the service of one deployment. Plain data: it crosses to another process once.
 */
export interface PlaceSpec {
  /** The deployment's folder: the working directory of the service, absolute. */
  readonly directory: string
  readonly garId: string
  /** The running instance's UUID. */
  readonly riId: string
  /** The node's UUID. */
  readonly dhnId: string
  /** `etc/<GAR ID>`, relative to `directory`. */
  readonly configurationDirectory: string
  /** Where the service may keep what must outlive it, absolute. */
  readonly persistentDirectory: string
  readonly secure: boolean
  /** The WSDD's services in its order. */
  readonly services: readonly PlaceService[]
  /** JNDI names with their values, resolved: `java:comp/env/...` to a text, number, boolean, or a resource. */
  readonly jndi: Readonly<Record<string, JndiValue>>
  /** The file that takes the standard output and error of the service, appended to, absolute. */
  readonly logFile: string
  /** The pipe whose reader writes that file, when there is one: the service prints into it instead of the file. */
  readonly output?: string
  /** Environment variables the service gets, all of them. */
  readonly environment: Readonly<Record<string, string>>
  /** Old-space limit of the service's heap, MB. */
  readonly heapMegabytes: number
  readonly limits: PlaceLimits
  /** The rung of the isolation ladder it runs on. */
  readonly isolation: Isolation
  readonly supervision: Supervision
  /** As whom it runs; absent: as the node's own user. */
  readonly user?: ServiceUser
  /** It runs in several places at once; absent: in one. */
  readonly several?: Several
  /** The folder for the sockets at which fronts call it; absent: the node alone calls it. */
  readonly callSockets?: string
}

/** A service that keeps nothing from call to call may run in several places, which share its calls. */
export interface Several {
  /** At least 2. */
  readonly count: number
  /** When one that has ended is started again, while the others serve. */
  readonly restart: RestartPolicy
}

/** What is watched from outside while a service runs, and how far it may go. */
export interface Supervision {
  /** From one look at the place to the next, milliseconds; everything else here is told that much late. */
  readonly interval: number
  /** A running place that says nothing for so long although it is asked has hung, milliseconds. */
  readonly silence: number
  /** For one call, milliseconds. */
  readonly call: number
  /** So many calls one after the other without an answer in time, and the place is of no use any more. */
  readonly unansweredCalls: number
  /** Resident memory of a process and of all it has started, MB: what is outside the heap counts too. */
  readonly memoryMegabytes: number
  /** Descriptors that a process may have open. */
  readonly descriptors: number
}

/** What was seen of a place when it was last looked at; what can't be known on this system or rung is absent. */
export interface PlaceVitals {
  /** Of the process and of all it has started. */
  readonly residentBytes?: number
  /** How many processes those are. */
  readonly processes?: number
  /** Processor time used so far, of the same. */
  readonly cpuSeconds?: number
  /** Of the process itself. */
  readonly descriptors?: number
  /** Share of the time between its last two answers in which its event loop was busy, 0 to 1. */
  readonly eventLoopUtilization?: number
  /** The used part of its heap. */
  readonly heapBytes?: number
}

/** One of several places that run the same service. */
export interface PlacePart {
  /** `waiting` for its next start; `down` when there will be none. */
  readonly state: 'starting' | 'serving' | 'waiting' | 'down'
  /** Of that state, milliseconds since 1970. */
  readonly since: number
  readonly pid?: number
  readonly vitals?: PlaceVitals
  /** Calls that the node has given it to answer. */
  readonly inside: number
  /** Where fronts call it; absent where they can't. */
  readonly callSocket?: string
  /** How often it was started again. */
  readonly restarts: number
  /** Why it ended the last time, until it serves again. */
  readonly cause?: ErrorData
  /** When it is started again, milliseconds since 1970. */
  readonly nextAt?: number
}

/** `process` fences off everything, `thread` mistakes only (docs/isolation.md). */
export type Isolation = 'process' | 'thread'

export interface PlaceService {
  /** The WSDD service's name. */
  readonly name: string
  /** As written in the WSDD: module and export are found from it (docs/service.md). */
  readonly className: string
  /** The file of its module where no archive brought it, absolute; it exports the class under the last part of its name. */
  readonly module?: string
  readonly scope: 'Request' | 'Application' | 'Session'
  readonly loadOnStartup: boolean
  readonly allowedMethods: '*' | readonly string[]
  readonly parameters: Readonly<Record<string, string>>
  /** Where its options stand in the configuration; absent: `/Systems/<System>/Services/<Service>`. */
  readonly section?: string
}

export type JndiValue =
  | string
  | number
  | boolean
  | { readonly type: string; readonly parameters: Readonly<Record<string, string>> }
  | { readonly bigint: string }

/** Milliseconds. */
export interface PlaceLimits {
  /** From the start of the place to the registration of the running instance. */
  readonly start: number
  /** For one `ready()`. */
  readonly ready: number
  /** For one `failed()`, `disabled()`, `redeployed()` or credentials listener. */
  readonly callback: number
  /** From asking the service to end to ending it by force. */
  readonly stop: number
}

/** What the service said when it registered, with what each of its endpoints offers. */
export interface Registration {
  readonly serviceClass: string
  readonly serviceName: string
  /** Which credentials listener it gave, if any. */
  readonly credentials: 'none' | 'simple' | 'multiple'
  /** In the order of `PlaceSpec.services`: an index here is the `endpoint` of a call. */
  readonly endpoints: readonly PlaceEndpoint[]
}

export interface PlaceEndpoint {
  readonly service: string
  /**
   * Method names without their `export_` prefix, the built-in ones included, with the rule each one declares. Without a
   * prototype: looking up `constructor` finds nothing.
   */
  readonly methods: Readonly<Record<string, { readonly rule: readonly string[] | undefined }>>
  /** Whether it wants to know of each call where it comes from. */
  readonly asksOrigin: boolean
  /** Whether callers without a certificate are let in where a rule lets everybody in. */
  readonly takesVisitors: boolean
  /** Whether callers may show a token instead of a certificate. */
  readonly takesTokens: boolean
}

export type { RequestedState }
export type CallbackName = 'ready' | 'failed' | 'disabled' | 'redeployed'

/** One call into a service. The argument text is what the caller sent: it is parsed where the service runs. */
export interface PlaceCall {
  readonly endpoint: number
  readonly method: string
  /** The JSON text of the list of arguments. */
  readonly args: string
  /** What the node tells of it: `CallFacts` as JSON text; absent when that is nothing. */
  readonly told?: string
}

/** The answer to a call: what goes on the wire, made where the service runs. */
export interface PlaceReply {
  /** The status as HTTP has it. */
  readonly status: number
  /** Instead of the status' own. */
  readonly reason?: string
  readonly contentType: string
  /** Besides those that say what the body is. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body: Uint8Array
  /** The body instead, of `length` bytes when that is known: whoever takes the reply reads it to its end or destroys it. */
  readonly stream?: { readonly body: Readable; readonly length: number | undefined }
}

/** One place's share in what the places of a running instance share. */
export interface SharedSeat {
  /** @throws {DhnError} */
  readonly ask: AskShared
  /** The place has ended: its leases are free. */
  leave(): void
}

/** What a place tells of its own accord. */
export interface PlaceListener {
  /**
   * The service called `NAL.setState`. The answer goes back to the service: resolved when the change was taken,
   * rejected with the typed error when it was not.
   */
  stateRequested(state: RequestedState, reason: string | undefined): Promise<void>
  /**
   * The service called `NAL.getAddress`: the address of the service of that name on this node, such as
   * `https://localhost:8443/Samples/Counter`. Rejected with the typed error (AddressUnknown) when there is none.
   */
  addressAsked(serviceName: string): Promise<string>
  /** A place asks for what it shares with others, for the first time. */
  joinShared(): SharedSeat
  /**
   * As much of the node's configuration as the services may see now: another object when it is another one. It is asked
   * for at the start and about once a second.
   */
  configuration?(): ConfigurationTree | undefined
  /** The place has ended without being asked to; `cause` says how. Called once, never after `stop` or `kill`. */
  ended(cause: ErrorData): void
  /** Some of the `parts` of the place are otherwise than before; `lost` says why one of them ended. */
  partsChanged?(lost?: ErrorData): void
}

/**
 * A place where the service code of one deployment runs: a process of its own, or a thread.
 *
 * A place is used once: start, calls, stop. It is thrown away whole, as module code can't be unloaded.
 */
export interface Place {
  /** The process that holds the service; undefined before `start`. */
  readonly pid: number | undefined
  /** What supervision saw last; undefined before its first look. */
  readonly vitals: PlaceVitals | undefined
  /** The places that it consists of, when it is several. */
  readonly parts?: readonly PlacePart[]
  /** Where fronts can call it now: a path for each place; none where only the node can. */
  readonly callSockets: readonly string[]
  /**
   * Starts the place, makes the service's classes and waits for the registration.
   *
   * @throws {PlaceFailed} it ended, threw or took longer than `limits.start`; the place is then already gone
   */
  start(): Promise<Registration>
  /**
   * Sends a call. `done` is called exactly once: with a 500 when the place ends before it answered, with a 504 when it
   * doesn't answer within `supervision.call`.
   * Calls of one tick travel together.
   */
  call(call: PlaceCall, done: (reply: PlaceReply) => void): void
  /** Runs one callback of the service. Rejects with what it threw, or with PlaceTimeout. */
  callback(name: CallbackName): Promise<void>
  /** Hands a credential to the service's listener; `scope` for a MultipleCredentialsListener. */
  deliverCredentials(pem: string, scope?: string): Promise<void>
  /** A front says of one of its `callSockets` that so many calls in a row got no answer in time, which ends that place. */
  leftUnanswered(callSocket: string, calls: number): void
  /** Calls the services' `destroy()`, ends the place, by force after `limits.stop`. Safe twice and after a failed start. */
  stop(): Promise<void>
  /** Ends the place at once. */
  kill(): Promise<void>
}

/** Makes a place for a deployment; one implementation for each rung of the isolation ladder. */
export type MakePlace = (spec: PlaceSpec, listener: PlaceListener) => Place

/** The type and its token share a name. */
export const MakePlace = Symbol('MakePlace')
