import type {
  DeploymentReport,
  DeploymentView,
  FrontView,
  InstanceView,
  NodeView,
  Plan,
} from '../../src/container/views.ts'

// Views as a node sends them, each with what a test says of it.

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const at = '2026-01-31T12:00:00.000Z'
/** Two days and four and a half hours ago: shown as `2 d 4 h` for as long as a test may take. */
const aWhileAgo = new Date(Date.now() - 52.5 * 60 * 60 * 1000).toISOString()

export const nodeView = (some: Partial<NodeView> = {}): NodeView => ({
  id: '6f1d7a3e-0c55-4b6c-9a35-8c1f0e6f2b11',
  version: '0.1.0',
  node: 'v20.20.2',
  home: '/srv/dhn',
  pid: 4711,
  state: 'running',
  startedAt: aWhileAgo,
  addresses: ['https://localhost:8443', 'http://localhost:8080'],
  instances: { ready: 2, failed: 1, disabled: 0 },
  ...some,
})

export const frontView = (some: Partial<FrontView> = {}): FrontView => ({
  name: 0,
  state: 'serving',
  since: aWhileAgo,
  pid: 4712,
  connections: 3,
  inside: 1,
  rssBytes: 70_000_000,
  restarts: { count: 0 },
  ...some,
})

/** One that was killed. */
export const lostFront: FrontView = {
  name: 1,
  state: 'waiting',
  since: aWhileAgo,
  connections: 0,
  inside: 0,
  restarts: { count: 2, nextAt: '2026-01-31T12:00:04.000Z' },
  cause: { code: 'DHN_FRONT_ENDED', message: 'a front process ended: SIGKILL' },
}

export const instanceView = (some: Partial<InstanceView> = {}): InstanceView => ({
  id: '0b9c2625-dc21-4f96-9c1c-6d0a6a1d2f10',
  garId: 'org_diligentproject_samples_counter',
  serviceClass: 'Samples',
  serviceName: 'Counter',
  version: '1.0.0',
  number: 3,
  digest,
  mode: 'open',
  state: 'ready',
  since: aWhileAgo,
  desired: 'ready',
  waitsFor: [],
  addresses: ['https://localhost:8443/Samples/Counter', 'http://localhost:8080/Samples/Counter'],
  pid: 4712,
  restarts: { count: 0, gaveUp: false },
  deployed: true,
  log: '/srv/dhn/var/log/org_diligentproject_samples_counter.log',
  ...some,
})

export const deploymentView = (some: Partial<DeploymentView> = {}): DeploymentView => ({
  garId: 'org_diligentproject_samples_counter',
  version: '1.0.0',
  number: 3,
  digest,
  mode: 'open',
  archive: 'org_diligentproject_samples_counter.tar.gz',
  deployedAt: at,
  desired: 'ready',
  instance: instanceView(),
  stubs: [{ package: 'Samples/Counter/counter-stubs', version: '1.0.0', carried: true }],
  ...some,
})

export const report = (some: Partial<DeploymentReport> = {}): DeploymentReport => ({
  id: '8f14e45f',
  type: 'DEPLOY',
  status: 'CLOSED',
  outcome: 'done',
  garId: 'org_diligentproject_samples_counter',
  startedAt: '2026-01-31T12:00:00.000Z',
  endedAt: '2026-01-31T12:00:01.250Z',
  packages: [
    {
      serviceClass: 'Samples',
      serviceName: 'Counter',
      serviceVersion: '1.0.0',
      packageName: 'counter',
      packageVersion: '1.0.0',
      status: 'ACTIVATED',
    },
  ],
  newInstances: [
    {
      id: '0b9c2625-dc21-4f96-9c1c-6d0a6a1d2f10',
      serviceClass: 'Samples',
      serviceName: 'Counter',
      addresses: ['https://localhost:8443/Samples/Counter'],
    },
  ],
  steps: [
    { name: 'read', at, durationMs: 40 },
    { name: 'staged', at, durationMs: 12 },
    { name: 'ready', at, durationMs: 1198 },
  ],
  lastLines: [],
  problems: [],
  ...some,
})

export const plan = (some: Partial<Plan> = {}): Plan => ({
  outcome: 'changes',
  type: 'deploy',
  garId: 'org_diligentproject_samples_counter',
  from: { number: 2, version: '0.9.0', digest, mode: 'open' },
  to: { version: '1.0.0', digest, mode: 'secure' },
  stubs: [{ package: 'Samples/Counter/counter-stubs', version: '1.0.0', action: 'replace', users: 2 }],
  restarts: ['org_diligentproject_samples_tally'],
  waitsFor: [],
  requirements: [{ text: 'Node version ge 20', met: true, actual: '20.20.2' }],
  unprotected: [],
  errors: [],
  problems: [],
  ...some,
})
