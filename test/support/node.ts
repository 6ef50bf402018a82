import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Container } from 'inversify'
import { onTestFinished } from 'vitest'
import { containerModule } from '../../src/container/container.module.ts'
import { ContainerConfig } from '../../src/container/container-config.ts'
import { DhnNode } from '../../src/container/dhn-node.ts'
import { Dispatcher } from '../../src/container/dispatcher.ts'
import type { Operation } from '../../src/container/hosting-node.ts'
import { NodeLog } from '../../src/container/node-log.ts'
import { NodeStore } from '../../src/container/node-store.ts'
import { ownHome } from '../../src/container/own-home.ts'
import type { DeploymentReport } from '../../src/container/views.ts'
import { isolateModule } from '../../src/isolate/isolate.module.ts'
import { Home } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryFolder } from './temporary.ts'
import { archiveOf, type TestArchive, type TestService } from './test-service.ts'

const packageRoot = fileURLToPath(new URL('../..', import.meta.url))

export interface TestNode {
  readonly node: DhnNode
  readonly home: Home
  readonly store: Store
  readonly log: string[]
  deploy(archive: TestArchive | TestService, options?: { readonly mode?: 'secure' | 'open' }): Promise<DeploymentReport>
  /** Begins to deploy; the operation goes on. */
  begin(archive: TestArchive | TestService, options?: { readonly mode?: 'secure' | 'open' }): Promise<Operation>
  call(path: string, method: string, ...args: unknown[]): Promise<Answer>
  /** What the service of this GAR has noted, over all its versions. */
  notes(garId: string): readonly string[]
  /** Stops it as an operator does; the home can be started again. */
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly value: unknown
  readonly retryAfter: number | undefined
  readonly refused: string | undefined
}

/** Limits and back-offs that suit tests: long enough for a busy machine, short enough to be waited for. */
const testLimits = { start: 15_000, ready: 10_000, callback: 5_000, gates: 10_000, drain: 5_000, stop: 5_000 }
const testRestart = {
  firstDelay: 10,
  longestDelay: 40,
  jitter: 0,
  healthyAfter: 60_000,
  giveUp: { failures: 3, within: 60_000 },
}

/** A node in a home of its own, or in one that another test node has left; gone when the test is over. */
export async function startNode(
  options: { readonly home?: Home; readonly config?: Partial<ContainerConfig>; readonly settle?: boolean } = {},
): Promise<TestNode> {
  const home = options.home ?? new Home(temporaryFolder())
  await mkdir(home.root, { recursive: true })
  const lines: string[] = []
  const write = (facts: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(facts)}`)
  }
  const log: NodeLog = { info: write, warn: write, error: write }
  const { store, release } = await ownHome(home, '0.0.0', log)
  const container = new Container()
  container.bind(NodeLog).toConstantValue(log)
  container.bind(NodeStore).toConstantValue(store)
  container.bind<ContainerConfig>(ContainerConfig).toConstantValue({
    home,
    package: packageRoot,
    version: '0.0.0',
    limits: testLimits,
    restart: testRestart,
    archives: {},
    heapMegabytes: 64,
    environment: { PATH: process.env.PATH },
    labels: {},
    keptVersions: 3,
    launches: 4,
    ...options.config,
  })
  await container.load(isolateModule, containerModule)
  const node = container.get(DhnNode)
  const dispatcher = container.get(Dispatcher)
  node.isServedAt(['https://localhost:8443', 'http://localhost:8080'])
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= node.stop().then(release)
    return stopped
  }
  onTestFinished(stop)
  await node.recover()
  const started = node.start()
  if (options.settle !== false) await started
  let uploads = 0
  const begin: TestNode['begin'] = async (archive, { mode = 'open' } = {}) => {
    const { name, bytes } = 'bytes' in archive ? archive : archiveOf(archive)
    uploads += 1
    const file = home.staging(`upload-${uploads}`)
    await writeFile(file, bytes)
    return node.deploy({ file, name, mode, lenient: false })
  }
  return {
    node,
    home,
    store,
    log: lines,
    begin,
    deploy: async (archive, given) => (await begin(archive, given)).closed,
    call: (path, method, ...args) => call(dispatcher, path, method, args),
    notes: (garId) => {
      const text = readFileSync(join(home.var('state', garId), 'notes'), { encoding: 'utf8', flag: 'a+' })
      return text.split('\n').slice(0, -1)
    },
    stop,
  }
}

function call(dispatcher: Dispatcher, path: string, method: string, args: readonly unknown[]): Promise<Answer> {
  const endpoint = dispatcher.find(path)
  if (endpoint === undefined)
    return Promise.resolve({ status: 404, value: undefined, retryAfter: undefined, refused: undefined })
  return new Promise((resolve) => {
    dispatcher.dispatch(endpoint, { method, args: JSON.stringify(args) }, ({ status, body, retryAfter, refused }) => {
      const answer = JSON.parse(Buffer.from(body).toString()) as { Value?: unknown; Message?: unknown }
      resolve({ status, value: answer.Value ?? answer.Message, retryAfter, refused: refused?.code })
    })
  })
}

/** Resolves when `holds`: looked at again and again, as states of other processes tell nobody. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`it did not come about that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
