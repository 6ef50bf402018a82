import type { Mode } from '../archive/archive.ts'
import type { LogChoice } from '../logs/open-log.ts'
import type { Expiry } from '../security/expiries.ts'
import type {
  DeploymentReport,
  DeploymentView,
  FlightView,
  FrontView,
  HistoryView,
  InstanceView,
  NodeView,
  Plan,
  StubsView,
} from './views.ts'

/** An archive that was put into the node's staging folder by the one who deploys it. */
export interface DeployRequest {
  /** The uploaded file, absolute; the node takes it over. */
  readonly file: string
  /** The file name the caller gave; the GAR ID of a bare GAR comes from it. */
  readonly name: string
  readonly mode: Mode
  /** Accept a comment before the XML declaration. */
  readonly lenient: boolean
}

/** Long work that goes on whether or not someone follows it. */
export interface Operation {
  readonly id: string
  /** The report as it stands. */
  readonly report: DeploymentReport
  /** Calls back with each change of the report, the last one CLOSED; returns how to stop listening. */
  follow(listener: (report: DeploymentReport) => void): () => void
  /** Resolves when its beginning is kept, so that it is known however the node ends, or can't be; never rejects. */
  readonly begun: Promise<void>
  /** Resolves with the closed report; never rejects. */
  readonly closed: Promise<DeploymentReport>
}

/** How the trust of a node is. */
export interface TrustState {
  /** When the host certificate, the CAs and their revocation lists end, the earliest first; none while the doors are shut. */
  expiries(): readonly Expiry[]
  /** Files of the trust directory that can't be used as they are. */
  unusable(): number
}

/** What the doors of a node know. */
export interface DoorsState extends TrustState {
  /** The processes that take calls; absent where the node does that itself. */
  fronts?(): readonly FrontView[]
}

/**
 * What can be asked of a node: the one surface behind the admin API.
 *
 * A running instance is named by `Class/Name`, its UUID, or the GAR ID; a unique beginning of a UUID will do.
 */
export interface HostingNode {
  view(): NodeView
  trust(): TrustState
  list(): readonly DeploymentView[]
  /** @throws {DeploymentUnknown} */
  show(garId: string): DeploymentView
  history(garId: string): HistoryView
  plan(request: DeployRequest): Promise<Plan>
  planUndeploy(garId: string): Plan
  planRollback(garId: string): Plan
  deploy(request: DeployRequest): Operation
  /**
   * Fetches an archive to deploy, where the configuration allows it.
   *
   * @throws {UrlNotAllowed | DownloadFailed}
   */
  fetch(url: string): Promise<Pick<DeployRequest, 'file' | 'name'>>
  undeploy(garId: string): Operation
  rollback(garId: string): Operation
  operations(): readonly DeploymentReport[]
  /** Running, or the kept report of one that has ended. */
  operation(id: string): Operation | undefined
  instances(all: boolean): readonly InstanceView[]
  /** @throws {InstanceUnknown} */
  instance(name: string): InstanceView
  /** Resolves when it is ready or failed again. @throws {TransitionIllegal} */
  enable(name: string): Promise<InstanceView>
  /** Resolves when it is disabled. @throws {TransitionIllegal} */
  disable(name: string): Promise<InstanceView>
  /** Starts it anew beside the old one and switches; a failed one is started again at once. */
  restart(name: string): Operation
  /** The last `lines` lines of its log. */
  lastLines(name: string, lines: number): Promise<readonly string[]>
  /**
   * Its log, the oldest first, piece by piece; `ended` tells one who follows to end.
   *
   * @throws {InstanceUnknown | NoEarlierRun}
   */
  log(name: string, choice: LogChoice, ended: AbortSignal): Promise<AsyncIterable<Buffer>>
  /** @throws {InstanceUnknown} */
  flight(name: string): Promise<FlightView>
  stubs(): readonly StubsView[]
}

/** The interface and its token share a name (docs/architecture.md, wiring). */
export const HostingNode = Symbol('HostingNode')
