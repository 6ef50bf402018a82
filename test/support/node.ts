import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished } from 'vitest'
import type { ContainerConfig } from '../../src/container/container-config.ts'
import type { Operation } from '../../src/container/hosting-node.ts'
import type { NodeLog } from '../../src/container/node-log.ts'
import type { DeploymentReport } from '../../src/container/views.ts'
import { Home } from '../../src/store/home.ts'
import { type Answer, type ComposedTestNode, call, composeNode } from './compose-node.ts'
import { temporaryFolder } from './temporary.ts'
import { archiveOf, type TestArchive, type TestService } from './test-service.ts'

type Mode = { readonly mode?: 'secure' | 'open' }

export interface TestNode extends Pick<ComposedTestNode, 'node' | 'store'> {
  readonly home: Home
  /** What it has logged: the message, then its facts as JSON. */
  readonly log: string[]
  /** Deploys, open unless told otherwise, and waits for the end. */
  deploy(archive: TestArchive | TestService, options?: Mode): Promise<DeploymentReport>
  /** Begins to deploy; the operation goes on. */
  begin(archive: TestArchive | TestService, options?: Mode): Promise<Operation>
  call(path: string, method: string, ...args: unknown[]): Promise<Answer>
  /** What the service of this GAR has noted, over all its versions. */
  notes(garId: string): readonly string[]
  /** Stops it as an operator does; the home can be started again. */
  stop(): Promise<void>
}

/** A node in a home of its own, or in one that another test node has left; stopped when the test is over. */
export async function startNode(
  options: { readonly home?: Home; readonly config?: Partial<ContainerConfig> } = {},
): Promise<TestNode> {
  const home = options.home ?? new Home(temporaryFolder())
  await mkdir(home.root, { recursive: true })
  const lines: string[] = []
  const write = (facts: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(facts)}`)
  }
  const log: NodeLog = { info: write, warn: write, error: write }
  const { node, dispatcher, store, release } = await composeNode(home, log, options.config)
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopped ??= node.stop().then(release)
    return stopped
  }
  // With its test, or with the tests of the file when none asked for it.
  const afterwards = expect.getState().currentTestName === undefined ? afterAll : onTestFinished
  afterwards(stop)
  node.isServedAt(['https://localhost:8443', 'http://localhost:8080'])
  await node.recover()
  await node.start()
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

/** Resolves when `holds`: looked at again and again, as states of other processes tell nobody. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`it did not come about that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
