import type { ErrorData } from '../service/errors.ts'

/** Which of a GAR's two descriptors is live (the same words as `archive/archive.ts`). */
type Mode = 'secure' | 'open'

/**
 * What an operator wants of one GAR: the desired state. It is there from the moment a deployment succeeded to its
 * undeployment, and a node that starts brings exactly these back.
 */
export interface DeploymentRecord {
  /** The GAR ID; for an archive of Software packages only, the archive's file name without its extensions. */
  readonly garId: string
  /** The number of the live version in the history of this GAR ID. */
  readonly live: number
  readonly digest: string
  readonly mode: Mode
  readonly desired: 'ready' | 'disabled'
}

/** One version of one GAR in its history, good or bad. Numbers count from 1 for each GAR ID and are never used again. */
export interface VersionRecord {
  readonly garId: string
  readonly number: number
  readonly digest: string
  readonly mode: Mode
  /** The profile's version, or empty text. */
  readonly version: string
  /** The archive's file name as given. */
  readonly archive: string
  /**
   * `ready`: it has been ready once (a candidate for rollback); `failed`: it didn't come up; `untried`: it came up
   * disabled, as was desired, and has not been enabled yet.
   */
  readonly verdict: 'ready' | 'failed' | 'untried'
  /** The version whose content this one is again, when a rollback brought it: what came before that, came before this. */
  readonly again?: number
  readonly cause?: ErrorData
  /** ISO 8601, UTC. */
  readonly at: string
  /** The operation that brought it: deploy or rollback. */
  readonly operation: string
}

/** The life of one deployment's service as last seen; kept after undeployment so that its end can be shown. */
export interface InstanceRecord {
  readonly garId: string
  /** A UUID, the same for every version and restart of this GAR ID. */
  readonly id: string
  /** Class and name, once registered. */
  readonly serviceClass?: string
  readonly serviceName?: string
  readonly state: string
  /** ISO 8601, UTC: when it went into `state`. */
  readonly since: string
  readonly cause?: ErrorData
}

/**
 * A shared package that this node holds: the content is in `stubs/`. There is one digest for a package and version.
 * Who uses it is derived from what is deployed; it is held as long as there is a user, whoever brought it.
 */
export interface StubsRecord {
  /** `<service class>/<service name>/<package name>`. */
  readonly package: string
  readonly version: string
  readonly digest: string
  /** What service code writes after `from`. */
  readonly importName: string
}

/** The report of an operation (`container/views.ts` says what is in it). Kept as it is. */
export interface ReportRecord {
  readonly id: string
  /** ISO 8601, UTC: the order of reports. */
  readonly startedAt: string
}

/** What the store says of the node. */
export interface NodeRecord {
  /** Of the store. */
  readonly format: number
  /** A UUID, made once. */
  readonly nodeId: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** The versions of dhn and of Node that opened the store last. */
  readonly dhn: string
  readonly node: string
}
