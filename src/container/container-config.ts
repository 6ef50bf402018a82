import type { ArchiveLimits } from '../archive/limits.ts'
import type { AuditPolicy } from '../audit/audit-log.ts'
import type { CfgSources } from '../cfg/cfg-sources.ts'
import type { ClientOptions } from '../client/client-options.ts'
import type { Supervision } from '../isolate/place.ts'
import type { ServiceUser } from '../isolate/service-user.ts'
import type { LifecycleLimits } from '../lifecycle/lifecycle-vocabulary.ts'
import type { RestartPolicy } from '../lifecycle/restart-policy.ts'
import type { Home } from '../store/home.ts'
import type { UrlPolicy } from './fetch-archive.ts'
import type { FlightPolicy } from './flight-recorders.ts'
import type { InstanceRules } from './instance-rules.ts'
import type { IsolationRules } from './isolation-rules.ts'
import type { TrafficLimits } from './traffic.ts'

/** What the container has to be told of the node it is in. */
export interface ContainerConfig {
  readonly home: Home
  /** What the configuration is read from again when it has changed. */
  readonly sources: CfgSources
  /** What the node shows as a client and whom it believes; absent: it asks no configuration server. */
  readonly asClient?: Pick<ClientOptions, 'certificate' | 'trust'>
  /** Of the services that the configuration alone brings only these; absent: all with `Protocol = https`. */
  readonly configuredServices?: readonly string[]
  /** Whether those are started again when their module has changed. */
  readonly debug?: boolean
  /** The root of the running dhn package: services import `dhn/service` from it. */
  readonly package: string
  /** The version of dhn. */
  readonly version: string
  readonly limits: LifecycleLimits
  readonly restart: RestartPolicy
  /** How much running instances may have to do at a time, each of them. */
  readonly traffic: TrafficLimits & { /** Bytes kept for all of them together. */ readonly nodeBytes: number }
  readonly archives: Partial<ArchiveLimits>
  /** Old-space limit of each service's heap. */
  readonly heapMegabytes: number
  readonly isolation: IsolationRules
  /** Absent: one of each service. */
  readonly instances?: InstanceRules
  readonly supervision: Supervision
  /** As whom services run; absent: as the node's own user. */
  readonly serviceUser?: ServiceUser
  /** What it means for a method of a secure service that nobody has written a rule for it. */
  readonly withoutRule: 'any' | 'refuse'
  /** The node's own environment; services get a few variables of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A bundle of certificate authorities that services trust besides the usual ones. */
  readonly certificateAuthorities?: string
  /** The variables of `customDHNlabels.xml`, which requirements of packages are checked against. */
  readonly labels: Readonly<Record<string, string>>
  /** Absent: no archive is fetched from a URL. */
  readonly deployFromUrl?: UrlPolicy
  /** How many ready versions of a GAR keep their files, the live one among them. */
  readonly keptVersions: number
  /** What flight recorders keep; absent: as much as is good by default. */
  readonly flight?: FlightPolicy
  /** The folder for the sockets at which fronts call services; absent: there are no fronts. */
  readonly callSockets?: string
  /** How much of the audit log is kept; absent: as much as is good by default. */
  readonly audit?: AuditPolicy
  /** How many services start at the same time when the node starts; 0: two more than there are processors. */
  readonly launches: number
}

/** The interface and its token share a name. */
export const ContainerConfig = Symbol('ContainerConfig')
