// A node of its own that does what it is told, until a failpoint kills it. Arguments: its home, and a JSON list of steps.
// It prints a line of JSON when it has started, and one after each step.
import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { armFailpoints } from '../../src/store/failpoint.ts'
import { Home } from '../../src/store/home.ts'
import { call, composeNode } from './compose-node.ts'

export interface Step {
  /** The failpoints that are armed while it is done. */
  readonly arm?: string
  /** `start`, the first one, stands for the start of the node. */
  readonly type: 'start' | 'deploy' | 'rollback' | 'undeploy' | 'disable'
  readonly name?: string
  readonly file?: string
  readonly garId?: string
}

export interface Started {
  readonly live: readonly {
    readonly garId: string
    readonly number: number
    readonly desired: string
    readonly state: string
    readonly pid: number
  }[]
  readonly verdicts: readonly { garId: string; number: number; verdict: string; digest: string }[]
  /** Reports that are still open. */
  readonly open: number
  /** The outcome of the last operation. */
  readonly last: string | undefined
  readonly stubs: readonly { digest: string; users: readonly string[] }[]
  /** `<GAR ID>/<digest>` of each folder there is, and whether all of them are whole. */
  readonly deployments: readonly string[]
  readonly whole: boolean
  readonly archives: readonly string[]
  readonly stubsFolders: readonly string[]
  readonly staging: readonly string[]
  /** What each service answered. */
  readonly answers: Readonly<Record<string, string>>
}

const [root = '', given = '[]'] = process.argv.slice(2)
const steps = JSON.parse(given) as Step[]
const home = new Home(root)
const quiet = { info() {}, warn() {}, error() {} }
// Two versions are kept, so that tidying up has something to do.
const { node, dispatcher, store } = await composeNode(home, quiet, { keptVersions: 2, package: process.cwd() })

if (steps[0]?.type === 'start') armFailpoints(steps.shift()?.arm ?? '')
await node.recover()
await node.start()
print(await started())
for (const step of steps) print({ outcome: await perform(step) })
process.kill(process.pid, 'SIGKILL')

async function perform({ arm = '', type, name = '', file = '', garId = '' }: Step): Promise<string | undefined> {
  const upload = home.staging('upload')
  if (type === 'deploy') copyFileSync(file, upload)
  armFailpoints(arm)
  if (type === 'disable') return (await node.disable(garId)).state
  const operation =
    type === 'deploy'
      ? node.deploy({ file: upload, name, mode: 'open', lenient: false })
      : type === 'rollback'
        ? node.rollback(garId)
        : node.undeploy(garId)
  return (await operation.closed).outcome
}

async function started(): Promise<Started> {
  const deployments = list(home.deployments()).flatMap((id) =>
    list(home.deployments(id)).map((each) => `${id}/${each}`),
  )
  const answers: Record<string, string> = {}
  for (const { garId } of node.list()) {
    const { status, value } = await call(dispatcher, '/Samples/Counter', 'version', [])
    answers[garId] = `${status} ${value}`
  }
  return {
    live: node.list().map(({ garId, number, desired, instance }) => ({
      garId,
      number,
      desired,
      state: instance?.state ?? 'none',
      pid: instance?.pid ?? 0,
    })),
    verdicts: store.histories(),
    open: node.operations().filter(({ status }) => status !== 'CLOSED').length,
    last: node.operations()[0]?.outcome,
    stubs: node.stubs().map(({ digest, users }) => ({ digest, users: users.map(({ garId }) => garId) })),
    deployments,
    whole: deployments.every((each) => existsSync(join(home.deployments(each), 'deployment.json'))),
    archives: list(home.archives()),
    stubsFolders: list(home.stubs()).flatMap((key) =>
      list(home.stubs(key)).flatMap((version) => list(home.stubs(key, version))),
    ),
    staging: list(home.staging()),
    answers,
  }
}

function list(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => name !== 'node_modules' && name !== '.staging').sort()
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
