import 'reflect-metadata'
import { fileURLToPath } from 'node:url'
import { Container } from 'inversify'
import { containerModule } from '../../src/container/container.module.ts'
import { ContainerConfig } from '../../src/container/container-config.ts'
import { DhnNode } from '../../src/container/dhn-node.ts'
import { Dispatcher } from '../../src/container/dispatcher.ts'
import { NodeLog } from '../../src/container/node-log.ts'
import { NodeStore } from '../../src/container/node-store.ts'
import { ownHome } from '../../src/container/own-home.ts'
import type { Reply } from '../../src/container/reply.ts'
import { directOutput, ServiceOutput } from '../../src/container/service-output.ts'
import { isolateModule } from '../../src/isolate/isolate.module.ts'
import type { Home } from '../../src/store/home.ts'
import type { Store } from '../../src/store/store.ts'
import { sourcesIn } from './gatekeeper.ts'
import { supervised } from './supervised.ts'

export interface ComposedTestNode {
  readonly node: DhnNode
  readonly dispatcher: Dispatcher
  readonly store: Store
  /** Gives the home back. */
  release(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly value: unknown
  readonly retryAfter: number | undefined
  readonly refused: string | undefined
}

/** A node without doors. Its limits suit tests: long enough for a busy machine, short enough to be waited for. */
export async function composeNode(
  home: Home,
  log: NodeLog,
  config: Partial<ContainerConfig> = {},
): Promise<ComposedTestNode> {
  const { store, release } = await ownHome(home, '0.0.0', log)
  const container = new Container()
  container.bind(NodeLog).toConstantValue(log)
  container.bind(NodeStore).toConstantValue(store)
  container.bind(ServiceOutput).toConstantValue(directOutput)
  container.bind<ContainerConfig>(ContainerConfig).toConstantValue({
    home,
    package: fileURLToPath(new URL('../..', import.meta.url)),
    version: '0.0.0',
    limits: { start: 15_000, ready: 10_000, callback: 5_000, gates: 10_000, drain: 5_000, stop: 5_000 },
    restart: {
      firstDelay: 10,
      longestDelay: 40,
      jitter: 0,
      healthyAfter: 60_000,
      giveUp: { failures: 3, within: 60_000 },
    },
    traffic: { calls: 1000, bytes: 64 * 1024 * 1024, nodeBytes: 256 * 1024 * 1024 },
    archives: {},
    heapMegabytes: 64,
    isolation: { otherwise: 'process', processes: [], threads: [], archivesChoose: false },
    supervision: supervised({}),
    sources: sourcesIn(home),
    withoutRule: 'refuse',
    environment: { PATH: process.env.PATH },
    labels: {},
    keptVersions: 3,
    launches: 4,
    ...config,
  })
  await container.load(isolateModule, containerModule)
  return { node: container.get(DhnNode), dispatcher: container.get(Dispatcher), store, release }
}

/** A call as a door makes it. */
export function call(dispatcher: Dispatcher, path: string, method: string, args: readonly unknown[]): Promise<Answer> {
  const endpoint = dispatcher.find(path)
  if (endpoint === undefined) {
    return Promise.resolve({ status: 404, value: undefined, retryAfter: undefined, refused: undefined })
  }
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(endpoint, { method, args: JSON.stringify(args) }, (reply) => {
      const { status, retryAfter, refused } = reply
      const answered = (value: unknown): void => resolve({ status, value, retryAfter, refused: refused?.code })
      saidBy(reply).then(answered, reject)
    })
  })
}

/** What an answer in one piece says; of one that comes in parts, how long it is. */
async function saidBy({ body, stream }: Reply): Promise<unknown> {
  if (stream === undefined) {
    const { Value, Message } = JSON.parse(Buffer.from(body).toString()) as { Value?: unknown; Message?: unknown }
    return Value ?? Message
  }
  let bytes = 0
  for await (const part of stream.body) bytes += (part as Buffer).length
  return { bytes }
}
