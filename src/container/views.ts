import type { Mode } from '../archive/archive.ts'
import type { Problem } from '../archive/problem.ts'
import type { Isolation } from '../isolate/place.ts'
import type { ErrorData } from '../service/errors.ts'
import type { VersionRecord } from '../store/records.ts'
import type { CallNote } from './call-ring.ts'

// What the admin API sends and every `--json` prints. Times are ISO 8601 in UTC, durations milliseconds.

export interface NodeView {
  readonly id: string
  readonly version: string
  readonly node: string
  readonly home: string
  readonly pid: number
  readonly state: 'starting' | 'running' | 'stopping'
  readonly startedAt: string
  /** Base addresses, such as `https://localhost:8443`, the secure one first. */
  readonly addresses: readonly string[]
  /** How many running instances are in each state. */
  readonly instances: Readonly<Record<string, number>>
  /** The processes that take calls, as many as there are to be. Absent where the node does that itself, and while the doors are shut. */
  readonly fronts?: readonly FrontView[]
  /** What callers are judged by and ends first: the host certificate, a CA, a revocation list. Absent while the doors are shut. */
  readonly expires?: ExpiryView
  /** Of these, what has ended or will before long. */
  readonly ending?: readonly ExpiryView[]
}

export interface ExpiryView {
  readonly what: 'host certificate' | 'certificate authority' | 'revocation list'
  /** Whose it is. */
  readonly name: string
  readonly at: string
}

/** What `dhn list` shows: one deployed GAR with its running instance. */
export interface DeploymentView {
  readonly garId: string
  readonly version: string
  readonly number: number
  readonly digest: string
  readonly mode: Mode
  /** The archive's file name; of a service of the configuration, its module. */
  readonly archive: string
  /** Where the configuration describes it, when no archive brought it: such as `/Systems/Samples/Services/Echo in etc/dhn.cfg, line 5`. */
  readonly configured?: string
  readonly deployedAt: string
  readonly desired: 'ready' | 'disabled'
  /** Absent for an archive of Software packages only. */
  readonly instance?: InstanceView
  /** Packages it carries or depends on. */
  readonly stubs: readonly { readonly package: string; readonly version: string; readonly carried: boolean }[]
}

export interface InstanceView {
  readonly id: string
  readonly garId: string
  readonly serviceClass?: string
  readonly serviceName?: string
  readonly version: string
  readonly number: number
  readonly digest: string
  readonly mode: Mode
  readonly state: string
  readonly since: string
  /** Why it is in this state, in a sentence. */
  readonly why?: string
  readonly cause?: ErrorData
  readonly desired: 'ready' | 'disabled'
  /** What it waits for while registered, such as `Samples/Counter` or `credentials`. */
  readonly waitsFor: readonly string[]
  /** Methods of a secure service, such as `Samples/Echo.echo`, of which nobody has written down who may call them. */
  readonly withoutRule?: readonly string[]
  readonly addresses: readonly string[]
  /** The process it runs in: its own, or the node's with a thread of its own. */
  readonly pid?: number
  readonly isolation?: Isolation
  /** The processes or threads it runs in, when they are several. */
  readonly places?: readonly PlaceView[]
  /** Not in lists: what its places share, values with their keys and leases that one of them has; absent for nothing. */
  readonly shared?: { readonly keys: number; readonly bytes: number; readonly leases: number }
  readonly restarts: { readonly count: number; readonly nextAt?: string; readonly gaveUp: boolean }
  /** False once it was undeployed, or never came up: what is shown then is its end. */
  readonly deployed: boolean
  readonly log: string
  /** With `?log=<n>`: the last lines. */
  readonly lastLines?: readonly string[]
}

/** One of several processes or threads that a running instance has. */
export interface PlaceView {
  /** `waiting` for its next start; `down` when there will be none. */
  readonly state: 'starting' | 'serving' | 'waiting' | 'down'
  readonly since: string
  readonly pid?: number
  /** Calls that it has to answer. */
  readonly inside: number
  readonly rssBytes?: number
  readonly restarts: { readonly count: number; readonly nextAt?: string }
  /** Why it ended the last time, until it serves again. */
  readonly cause?: ErrorData
}

/** One of several processes that take the calls of all services. */
export interface FrontView extends PlaceView {
  /** From 0. */
  readonly name: number
  /** Those that are open. */
  readonly connections: number
}

export interface StubsView {
  /** `<service class>/<service name>/<package name>`. */
  readonly package: string
  readonly version: string
  readonly digest: string
  /** GAR IDs of those that use it, sorted. Derived from what is deployed. */
  readonly users: readonly StubsUser[]
}

export interface StubsUser {
  readonly garId: string
  /** `carries`: its archive brought it; `depends`: its profile names it. */
  readonly because: readonly ('carries' | 'depends')[]
}

/** What a deploy, an undeploy or a rollback would change. */
export interface Plan {
  /** 0 nothing would change, 1 something would, 255 it can't be done: the exit code of `--dry-run`. */
  readonly outcome: 'unchanged' | 'changes' | 'impossible'
  readonly type: 'deploy' | 'undeploy' | 'rollback'
  readonly garId: string
  readonly from?: { readonly number: number; readonly version: string; readonly digest: string; readonly mode: Mode }
  readonly to?: { readonly version: string; readonly digest: string; readonly mode: Mode }
  readonly stubs: readonly {
    readonly package: string
    readonly version: string
    readonly action: 'add' | 'replace' | 'keep' | 'remove'
    /** How many would use it afterwards. */
    readonly users: number
  }[]
  /** GAR IDs of other running instances that restart, in order. */
  readonly restarts: readonly string[]
  /** Services that it waits for before it is ready. */
  readonly waitsFor: readonly string[]
  readonly requirements: readonly {
    readonly text: string
    readonly met: boolean
    readonly actual?: string
  }[]
  /** Operations that lose their protection because the open descriptor becomes live. */
  readonly unprotected: readonly string[]
  /** Why it can't be done, first cause first. */
  readonly errors: readonly ErrorData[]
  readonly problems: readonly Problem[]
}

/** The words of the gCube Deployer (gcube.md 6.1). */
export type PackageStatus =
  | 'WAITING'
  | 'RUNNING'
  | 'DEPLOYED'
  | 'ACTIVATED'
  | 'ALREADYDEPLOYED'
  | 'NOTVERIFIED'
  | 'UPDATED'
  | 'SKIPPED'
  | 'UNDEPLOYED'
  | 'NOTUNDEPLOYABLE'
  | 'FAILED'

/** What became of one operation; kept, and printable at any time. */
export interface DeploymentReport {
  /** The operation's id. */
  readonly id: string
  readonly type: 'DEPLOY' | 'UNDEPLOY' | 'ROLLBACK' | 'RESTART'
  readonly status: 'OPEN' | 'CLOSED'
  readonly outcome?: 'done' | 'unchanged' | 'failed'
  readonly garId: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly packages: readonly {
    readonly serviceClass: string
    readonly serviceName: string
    readonly serviceVersion: string
    readonly packageName: string
    readonly packageVersion: string
    readonly status: PackageStatus
    readonly message?: string
  }[]
  readonly newInstances: readonly {
    readonly id: string
    readonly serviceClass: string
    readonly serviceName: string
    readonly addresses: readonly string[]
  }[]
  /** In order, each with its duration once it has ended. */
  readonly steps: readonly {
    readonly name: string
    readonly at: string
    readonly durationMs?: number
    readonly message?: string
  }[]
  /** What went wrong first. */
  readonly cause?: ErrorData
  /** The last lines that the instance wrote, when it failed. */
  readonly lastLines: readonly string[]
  /** What its flight recorder had, when it failed. */
  readonly flight?: FlightRecord
  readonly problems: readonly Problem[]
}

/** What a running instance did last, the oldest first: its flight recorder, as it is or as it was when it failed. */
export interface FlightRecord {
  readonly id: string
  readonly garId: string
  readonly at: string
  /** Why it failed. */
  readonly cause?: ErrorData
  readonly states: readonly {
    readonly at: string
    readonly from?: string
    readonly to: string
    /** Of the version that changed. */
    readonly digest: string
    readonly cause?: ErrorData
  }[]
  /** Without duration and status: under way. Arguments and answers are never recorded. */
  readonly calls: readonly CallNote[]
  /** What its process used, looked at from time to time. */
  readonly figures: readonly {
    readonly at: string
    readonly pid: number
    readonly rssBytes: number
    /** Processor time since the process began. */
    readonly cpuMs: number
    /** Calls under way. */
    readonly inside: number
  }[]
  readonly lastLines: readonly string[]
}

/** `dhn ri flight`. */
export interface FlightView {
  /** Absent for what hasn't run since the node began. */
  readonly now?: FlightRecord
  /** Of the last failures, newest first. */
  readonly frozen: readonly FlightRecord[]
}

/** `dhn history`: every version of a GAR ID, newest first. */
export type HistoryView = readonly (VersionRecord & { readonly live: boolean })[]
