import { readFileSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { UrlNotAllowed } from '../../src/container/fetch-archive.ts'
import type { DeployRequest, HostingNode, Operation, TrustState } from '../../src/container/hosting-node.ts'
import { keptOperation } from '../../src/container/operation.ts'
import { DeploymentUnknown } from '../../src/container/plan-errors.ts'
import type {
  DeploymentReport,
  DeploymentView,
  FlightRecord,
  FlightView,
  HistoryView,
  InstanceView,
  NodeView,
  Plan,
  StubsView,
} from '../../src/container/views.ts'
import { TransitionIllegal } from '../../src/lifecycle/lifecycle-errors.ts'
import { type LogChoice, NoEarlierRun } from '../../src/logs/open-log.ts'

const at = '2026-02-03T04:05:06.789Z'
const digest = 'a'.repeat(64)

export const nodeView: NodeView = {
  id: '5e0f6a4e-0000-4000-8000-000000000000',
  version: '0.1.0',
  node: 'v20.20.2',
  home: '/home/of/dhn',
  pid: 42,
  state: 'running',
  startedAt: at,
  addresses: ['https://localhost:8443'],
  instances: { ready: 1 },
  fronts: [
    { name: 0, state: 'serving', since: at, pid: 44, connections: 3, inside: 1, rssBytes: 7e7, restarts: { count: 0 } },
    {
      name: 1,
      state: 'waiting',
      since: at,
      connections: 0,
      inside: 0,
      restarts: { count: 1, nextAt: at },
      cause: { code: 'DHN_FRONT_ENDED', message: 'a front process ended: SIGKILL' },
    },
  ],
}

export const instanceView: InstanceView = {
  id: '11111111-0000-4000-8000-000000000000',
  garId: 'samples_echo',
  serviceClass: 'Samples',
  serviceName: 'Echo',
  version: '1.0.0',
  number: 1,
  digest,
  mode: 'open',
  state: 'failed',
  since: at,
  why: 'it failed',
  cause: { code: 'DHN_PLACE_ENDED', message: 'it ended', next: 'look at its log', facts: { code: 3 } },
  desired: 'ready',
  waitsFor: ['credentials'],
  addresses: ['https://localhost:8443/Samples/Echo'],
  pid: 43,
  restarts: { count: 2, nextAt: at, gaveUp: false },
  deployed: true,
  log: '/home/of/dhn/var/log/samples_echo.log',
}

const deploymentView: DeploymentView = {
  garId: 'samples_echo',
  version: '1.0.0',
  number: 1,
  digest,
  mode: 'open',
  archive: 'samples_echo.gar',
  deployedAt: at,
  desired: 'ready',
  instance: instanceView,
  stubs: [{ package: 'Samples/Echo/echo-stubs', version: '1.0.0', carried: true }],
}

const history: HistoryView = [
  {
    garId: 'samples_echo',
    number: 1,
    digest,
    mode: 'open',
    version: '1.0.0',
    archive: 'samples_echo.gar',
    verdict: 'failed',
    cause: { code: 'DHN_STEP_TOO_LONG', message: 'too long' },
    at,
    operation: 'o1',
    live: false,
  },
]

const stubs: StubsView[] = [
  {
    package: 'Samples/Echo/echo-stubs',
    version: '1.0.0',
    digest,
    users: [{ garId: 'samples_echo', because: ['carries'] }],
  },
]

export const plan: Plan = {
  outcome: 'changes',
  type: 'deploy',
  garId: 'samples_echo',
  from: { number: 1, version: '1.0.0', digest, mode: 'secure' },
  to: { version: '1.1.0', digest, mode: 'open' },
  stubs: [{ package: 'Samples/Echo/echo-stubs', version: '1.0.0', action: 'add', users: 1 }],
  restarts: ['other'],
  waitsFor: ['Samples/Counter'],
  requirements: [{ text: 'node ge 20', met: true, actual: '20.20.2' }],
  unprotected: ['echo'],
  errors: [{ code: 'DHN_ADDRESS_TAKEN', message: 'taken' }],
  problems: [{ level: 'warning', code: 'profile-unknown-element', message: 'odd', file: 'profile.xml', line: 3 }],
}

const flight: FlightRecord = {
  id: 'f1',
  garId: 'samples_echo',
  at,
  cause: { code: 'DHN_PLACE_ENDED', message: 'it ended' },
  states: [{ at, from: 'ready', to: 'failed', digest, cause: { code: 'DHN_PLACE_ENDED', message: 'it ended' } }],
  calls: [
    { at, service: 'Samples/Echo', method: 'echo', durationMs: 1.25, status: 200 },
    { at, service: 'Samples/Echo', method: 'hang' },
  ],
  figures: [{ at, pid: 43, rssBytes: 50_000_000, cpuMs: 120, inside: 1 }],
  lastLines: ['last words'],
}

export const report: DeploymentReport = {
  id: 'o1',
  type: 'DEPLOY',
  status: 'CLOSED',
  outcome: 'failed',
  garId: 'samples_echo',
  startedAt: at,
  endedAt: at,
  packages: [
    {
      serviceClass: 'Samples',
      serviceName: 'Echo',
      serviceVersion: '1.0.0',
      packageName: 'main',
      packageVersion: '1.0.0',
      status: 'FAILED',
      message: 'it failed',
    },
  ],
  newInstances: [
    { id: instanceView.id, serviceClass: 'Samples', serviceName: 'Echo', addresses: instanceView.addresses },
  ],
  steps: [{ name: 'start', at, durationMs: 12, message: 'started' }],
  cause: { code: 'DHN_PLACE_ENDED', message: 'it ended' },
  lastLines: ['last words'],
  flight,
  problems: plan.problems,
}

/** A node that has one of everything, and remembers what it was asked. */
export class FakeNode implements HostingNode {
  readonly asked: unknown[] = []
  /** What archives it was given, as text. */
  readonly archives: string[] = []
  running: Operation = keptOperation(report)
  /** The log goes on until whoever follows it goes away. */
  endless = false

  view = (): NodeView => nodeView
  trust = (): TrustState => ({
    expiries: () => [{ what: 'revocation list', name: '/CN=CA', at: Date.parse('2027-02-03T04:05:06.000Z') }],
    unusable: () => 0,
  })
  list = (): DeploymentView[] => [deploymentView]
  show(garId: string): DeploymentView {
    if (garId !== deploymentView.garId) throw new DeploymentUnknown(garId)
    return deploymentView
  }
  history = (): HistoryView => history
  async plan(request: DeployRequest): Promise<Plan> {
    this.#take('plan', request)
    return plan
  }
  planUndeploy = (garId: string): Plan => this.#note(plan, 'planUndeploy', garId)
  planRollback = (garId: string): Plan => this.#note(plan, 'planRollback', garId)
  deploy(request: DeployRequest): Operation {
    this.#take('deploy', request)
    return this.running
  }
  async fetch(url: string): Promise<{ file: string; name: string }> {
    throw new UrlNotAllowed(url, 'this node deploys from no URL')
  }
  undeploy = (garId: string): Operation => this.#note(this.running, 'undeploy', garId)
  rollback = (garId: string): Operation => this.#note(this.running, 'rollback', garId)
  operations = (): DeploymentReport[] => [report]
  operation = (id: string): Operation | undefined => (id === this.running.id ? this.running : undefined)
  instances = (all: boolean): InstanceView[] => this.#note([instanceView], 'instances', all)
  instance = (name: string): InstanceView => this.#note(instanceView, 'instance', name)
  async enable(name: string): Promise<InstanceView> {
    if (name === 'failed') throw new TransitionIllegal('failed', 'ready')
    return instanceView
  }
  disable = async (name: string): Promise<InstanceView> => this.#note(instanceView, 'disable', name)
  restart = (name: string): Operation => this.#note(this.running, 'restart', name)
  lastLines = async (_name: string, lines: number): Promise<string[]> => ['one', 'two', 'three'].slice(-lines)
  async log(name: string, choice: LogChoice, ended: AbortSignal): Promise<AsyncIterable<Buffer>> {
    this.#note(undefined, 'log', name, choice)
    if (choice.previous) throw new NoEarlierRun(instanceView.log)
    if (this.endless) return endlessLog(ended)
    return Readable.from([Buffer.from('one\n'), Buffer.from('two\n')])
  }
  flight = async (): Promise<FlightView> => ({ now: flight, frozen: [flight] })
  stubs = (): StubsView[] => stubs

  #note<T>(answer: T, ...asked: unknown[]): T {
    this.asked.push(asked)
    return answer
  }

  #take(what: string, { file, ...request }: DeployRequest): void {
    this.asked.push([what, request])
    this.archives.push(readFileSync(file, 'utf8'))
    rmSync(file)
  }
}

async function* endlessLog(ended: AbortSignal): AsyncGenerator<Buffer> {
  yield Buffer.from('one\n')
  await new Promise((resolve) => ended.addEventListener('abort', resolve))
}
