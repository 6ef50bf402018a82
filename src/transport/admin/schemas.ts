import { z } from 'zod'
import type { Problem } from '../../archive/problem.ts'
import type {
  DeploymentReport,
  DeploymentView,
  ExpiryView,
  FlightRecord,
  FlightView,
  FrontView,
  HistoryView,
  InstanceView,
  NodeView,
  PlaceView,
  Plan,
  StubsView,
} from '../../container/views.ts'
import type { ChartState, LifecycleChart } from '../../lifecycle/chart.ts'
import type { ErrorData } from '../../service/errors.ts'
import { auditLine, auditVerification, refusalView } from './audit-schemas.ts'
import { list, maybe, time } from './schema-parts.ts'

// What the admin API sends, as schemas of the types in container/views.ts: the compiler holds that they say the same.

const mode = z.enum(['secure', 'open'])

const errorData = z.object({
  code: z.string().regex(/^DHN_/).describe('Stable; every code is listed in docs/errors.md'),
  message: z.string().describe('The cause first'),
  next: maybe(z.string().describe('What to do about it')),
  facts: maybe(z.record(z.string(), z.unknown()).describe('The facts of the case, by name')),
}) satisfies z.ZodType<ErrorData>

const problem = z.object({
  level: z.enum(['error', 'warning', 'note']),
  code: z.string(),
  message: z.string(),
  file: maybe(z.string()),
  line: maybe(z.int().min(1)),
}) satisfies z.ZodType<Problem>

const expiryView = z.object({
  what: z.enum(['host certificate', 'certificate authority', 'revocation list']),
  name: z.string(),
  at: time,
}) satisfies z.ZodType<ExpiryView>

const placeView = z.object({
  state: z.enum(['starting', 'serving', 'waiting', 'down']),
  since: time,
  pid: maybe(z.int()),
  inside: z.int(),
  rssBytes: maybe(z.int()),
  restarts: z.object({ count: z.int(), nextAt: maybe(time) }),
  cause: maybe(errorData),
}) satisfies z.ZodType<PlaceView>

const frontView = placeView.extend({
  name: z.int(),
  connections: z.int(),
}) satisfies z.ZodType<FrontView>

const nodeView = z.object({
  id: z.string(),
  version: z.string(),
  node: z.string(),
  home: z.string(),
  pid: z.int(),
  state: z.enum(['starting', 'running', 'stopping']),
  startedAt: time,
  addresses: list(z.string()),
  instances: z.record(z.string(), z.int()).describe('How many running instances are in each state'),
  fronts: maybe(list(frontView).describe('The processes that take calls, where the node does not do that itself')),
  expires: maybe(
    expiryView.describe('What callers are judged by and ends first: the host certificate, a CA, a revocation list'),
  ),
  ending: maybe(list(expiryView).describe('What of it has ended, or will before long')),
}) satisfies z.ZodType<NodeView>

const instanceView = z.object({
  id: z.string(),
  garId: z.string(),
  serviceClass: maybe(z.string()),
  serviceName: maybe(z.string()),
  version: z.string(),
  number: z.int(),
  digest: z.string(),
  mode,
  state: z.string(),
  since: time,
  why: maybe(z.string()),
  cause: maybe(errorData),
  desired: z.enum(['ready', 'disabled']),
  waitsFor: list(z.string()),
  withoutRule: maybe(list(z.string()).describe('Methods of a secure service that no rule is written for')),
  addresses: list(z.string()),
  pid: maybe(z.int()),
  isolation: maybe(z.enum(['process', 'thread'])),
  places: maybe(list(placeView).describe('The processes or threads it runs in, when they are several')),
  restarts: z.object({ count: z.int(), nextAt: maybe(time), gaveUp: z.boolean() }),
  deployed: z.boolean(),
  log: z.string(),
  lastLines: maybe(list(z.string())),
}) satisfies z.ZodType<InstanceView>

const deploymentView = z.object({
  garId: z.string(),
  version: z.string(),
  number: z.int(),
  digest: z.string(),
  mode,
  archive: z.string(),
  configured: maybe(z.string().describe('Where the configuration describes it, when no archive brought it')),
  deployedAt: time,
  desired: z.enum(['ready', 'disabled']),
  instance: maybe(instanceView),
  stubs: list(z.object({ package: z.string(), version: z.string(), carried: z.boolean() })),
}) satisfies z.ZodType<DeploymentView>

const historyView = list(
  z.object({
    garId: z.string(),
    number: z.int(),
    digest: z.string(),
    mode,
    version: z.string(),
    archive: z.string(),
    verdict: z.enum(['ready', 'failed']),
    cause: maybe(errorData),
    at: time,
    operation: z.string(),
    live: z.boolean(),
  }),
) satisfies z.ZodType<HistoryView>

const stubsView = z.object({
  package: z.string().describe('<service class>/<service name>/<package name>'),
  version: z.string(),
  digest: z.string(),
  users: list(z.object({ garId: z.string(), because: list(z.enum(['carries', 'depends'])) })),
}) satisfies z.ZodType<StubsView>

const plan = z.object({
  outcome: z.enum(['unchanged', 'changes', 'impossible']),
  type: z.enum(['deploy', 'undeploy', 'rollback']),
  garId: z.string(),
  from: maybe(z.object({ number: z.int(), version: z.string(), digest: z.string(), mode })),
  to: maybe(z.object({ version: z.string(), digest: z.string(), mode })),
  stubs: list(
    z.object({
      package: z.string(),
      version: z.string(),
      action: z.enum(['add', 'replace', 'keep', 'remove']),
      users: z.int(),
    }),
  ),
  restarts: list(z.string()),
  waitsFor: list(z.string()),
  requirements: list(z.object({ text: z.string(), met: z.boolean(), actual: maybe(z.string()) })),
  unprotected: list(z.string()),
  errors: list(errorData),
  problems: list(problem),
}) satisfies z.ZodType<Plan>

const flightRecord = z.object({
  id: z.string(),
  garId: z.string(),
  at: time,
  cause: maybe(errorData),
  states: list(
    z.object({ at: time, from: maybe(z.string()), to: z.string(), digest: z.string(), cause: maybe(errorData) }),
  ),
  calls: list(
    z.object({
      at: time,
      service: z.string(),
      method: z.string(),
      durationMs: maybe(z.number().describe('Absent while it is under way')),
      status: maybe(z.int()),
    }),
  ),
  figures: list(z.object({ at: time, pid: z.int(), rssBytes: z.number(), cpuMs: z.number(), inside: z.int() })),
  lastLines: list(z.string()),
}) satisfies z.ZodType<FlightRecord>

const flightView = z.object({
  now: maybe(flightRecord),
  frozen: list(flightRecord).describe('Of the last failures, newest first'),
}) satisfies z.ZodType<FlightView>

const deploymentReport = z.object({
  id: z.string(),
  type: z.enum(['DEPLOY', 'UNDEPLOY', 'ROLLBACK', 'RESTART']),
  status: z.enum(['OPEN', 'CLOSED']),
  outcome: maybe(z.enum(['done', 'unchanged', 'failed'])),
  garId: z.string(),
  startedAt: time,
  endedAt: maybe(time),
  packages: list(
    z.object({
      serviceClass: z.string(),
      serviceName: z.string(),
      serviceVersion: z.string(),
      packageName: z.string(),
      packageVersion: z.string(),
      status: z.enum([
        'WAITING',
        'RUNNING',
        'DEPLOYED',
        'ACTIVATED',
        'ALREADYDEPLOYED',
        'NOTVERIFIED',
        'UPDATED',
        'SKIPPED',
        'UNDEPLOYED',
        'NOTUNDEPLOYABLE',
        'FAILED',
      ]),
      message: maybe(z.string()),
    }),
  ),
  newInstances: list(
    z.object({ id: z.string(), serviceClass: z.string(), serviceName: z.string(), addresses: list(z.string()) }),
  ),
  steps: list(z.object({ name: z.string(), at: time, durationMs: maybe(z.number()), message: maybe(z.string()) })),
  cause: maybe(errorData),
  lastLines: list(z.string()),
  flight: maybe(flightRecord),
  problems: list(problem),
}) satisfies z.ZodType<DeploymentReport>

const begun = z.object({ operation: z.string().describe('Its id, for /operations/{id}') })

const chartTransition = z.object({
  on: z.enum(['event', 'done', 'error', 'after', 'always']),
  name: maybe(z.string()),
  condition: maybe(z.string()),
  to: maybe(z.string()),
})

const chartState: z.ZodType<ChartState> = z.object({
  name: z.string(),
  tags: list(z.string()),
  final: z.boolean(),
  does: maybe(z.string()),
  initial: maybe(z.string()),
  get states() {
    return list(chartState)
  },
  transitions: list(chartTransition),
})

const lifecycleChartView = z.object({
  initial: z.string(),
  states: list(chartState),
  transitions: list(chartTransition),
}) satisfies z.ZodType<LifecycleChart>

/** The schemas that have a name in the OpenAPI document. */
export const named = {
  ErrorData: errorData,
  Problem: problem,
  NodeView: nodeView,
  InstanceView: instanceView,
  PlaceView: placeView,
  DeploymentView: deploymentView,
  HistoryView: historyView,
  StubsView: stubsView,
  Plan: plan,
  DeploymentReport: deploymentReport,
  FlightRecord: flightRecord,
  FlightView: flightView,
  Begun: begun,
  RefusalView: refusalView,
  AuditLine: auditLine,
  AuditVerification: auditVerification,
  ChartState: chartState,
  LifecycleChart: lifecycleChartView,
}
