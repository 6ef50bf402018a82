import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DeploymentReport, DeploymentView, HistoryView } from '../../../src/container/views.ts'
import type { Home } from '../../../src/store/home.ts'
import { call } from './callers.ts'
import { roles } from './descendants.ts'
import { type GarState, Model } from './model.ts'
import type { NodeUnderTest } from './node-under-test.ts'
import type { Doubt } from './operations.ts'
import type { Gar } from './services.ts'

/** As in the configuration of homes under test. */
export const keptVersions = 2
/** How long what was begun in the background may take to end, ms. */
const patience = 10_000

/** What is remembered of a home from one start of its node to the next. */
export interface Memory {
  readonly gars: readonly Gar[]
  readonly model: Model
  /** Operations in doubt when the node ended. */
  doubts: Doubt[]
  /** Operations that were acknowledged, by number, with what the node said. */
  readonly acknowledged: Map<string, 'done' | 'unchanged' | 'refused'>
  /** The UUIDs of running instances, by GAR ID. */
  readonly ids: Map<string, string>
  /** What is in each deployment's folder, by digest. */
  readonly contents: Map<string, string>
}

export const newMemory = (gars: readonly Gar[]): Memory => ({
  gars,
  model: new Model(),
  doubts: [],
  acknowledged: new Map(),
  ids: new Map(),
  contents: new Map(),
})

/**
 * What must hold of a node that has started, however it ended before: the invariants of a deployment, looked at from
 * outside. Returns what doesn't hold.
 *
 * - what was acknowledged is there; what wasn't is there entirely or not at all
 * - exactly one version of a GAR is live, it is as it was desired, and it is the one that answers
 * - no folder, archive, package or half-made thing is there that nothing names, and what is there is whole
 * - no operation is open, and what became of each one is what its report says
 * - each service has one process, and no process is left of a node before
 */
export async function violations(node: NodeUnderTest, memory: Memory): Promise<string[]> {
  const live = await node.client.list()
  const wrong: string[] = []
  const expectThat = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(what)
  }
  for (const gar of memory.gars) {
    const views = live.filter(({ garId }) => garId === gar.garId)
    expectThat(views.length <= 1, `${gar.garId} is live ${views.length} times`)
    await expectLive(node, memory, gar, views[0], expectThat)
  }
  await expectReports(node, memory, expectThat)
  const histories = await Promise.all(
    live.map(async ({ garId }) => [garId, await node.client.history(garId)] as [string, HistoryView]),
  )
  const problem = await settles(() => folderProblem(node, memory, live, histories))
  if (problem !== undefined) wrong.push(problem)
  wrong.push(...(await packageProblems(node, memory, live)))
  const processes = await settles(() => processProblem(node, memory, live))
  if (processes !== undefined) wrong.push(processes)
  return wrong
}

type Expect = (holds: boolean, what: string) => void

async function expectLive(
  node: NodeUnderTest,
  { model, ids }: Memory,
  { garId, path, versions, usesStubs }: Gar,
  view: DeploymentView | undefined,
  expectThat: Expect,
): Promise<void> {
  const version = versions.find(({ digest, bad }) => digest === view?.digest && !bad)
  const found: GarState = view && { label: version?.label ?? `unknown ${view.digest}`, desired: view.desired }
  const wrong = model.find(garId, found)
  expectThat(wrong === undefined, wrong ?? '')
  const { status, value } = await call(`${node.url}${path}`, 'version')
  if (view === undefined) {
    expectThat(status === 404, `${garId} isn't deployed and answers ${status}`)
    return
  }
  const { state, id = '', cause } = view.instance ?? {}
  expectThat(state === view.desired, `${garId} is ${state} and desired ${view.desired}: ${cause?.message}`)
  const right = view.desired === 'ready' ? status === 200 && value === found?.label : status === 503
  expectThat(right, `${garId}, ${found?.label} ${view.desired}, answers ${status} ${value}`)
  expectThat((ids.get(garId) ?? id) === id, `${garId} has another UUID than before`)
  ids.set(garId, id)
  if (!usesStubs || view.desired !== 'ready') return
  const said = (await call(`${node.url}${path}`, 'stubs')).value
  if (version?.stubs !== undefined) expectThat(said === version.stubs, `${garId} ${found?.label} imports ${said}`)
}

/** Nothing is open; what was in doubt has happened or not, as its report says; what was acknowledged is still known. */
async function expectReports(node: NodeUnderTest, memory: Memory, expectThat: Expect): Promise<void> {
  const reports = new Map((await node.client.operations()).map((report) => [report.id, report]))
  for (const { id, status } of reports.values()) expectThat(status === 'CLOSED', `operation ${id} is still open`)
  for (const doubt of memory.doubts) expectThat(...doubtHolds(memory, doubt, reports.get(doubt.id)))
  memory.doubts = []
  // The oldest reports are forgotten, those of the last operations never.
  for (const [id, said] of [...memory.acknowledged].slice(-20)) {
    const outcome = reports.get(id)?.outcome?.replace('failed', 'refused')
    expectThat(outcome === said, `operation ${id} was acknowledged as ${said} and is ${outcome}`)
  }
}

function doubtHolds(
  { model }: Memory,
  { operation, id, before }: Doubt,
  report: DeploymentReport | undefined,
): [boolean, string] {
  const { garId, what, after } = operation
  if (report === undefined) return [false, `${what} of ${garId} was begun as ${id}, of which nothing is known`]
  const found = JSON.stringify(model.known(garId))
  const changes = JSON.stringify(before) !== JSON.stringify(after)
  const expected = !changes ? undefined : found === JSON.stringify(after) ? 'done' : 'failed'
  const right = expected === undefined || report.outcome === expected
  return [right, `${what} of ${garId} is reported as ${report.outcome} and the GAR is ${found}`]
}

/** What is wrong with the folders of the home; undefined when nothing is. */
function folderProblem(
  { home, pid }: NodeUnderTest,
  memory: Memory,
  live: readonly DeploymentView[],
  histories: readonly (readonly [string, HistoryView])[],
): string | undefined {
  const found = names(home.deployments())
    .filter((name) => name !== 'node_modules' && name !== '.staging')
    .flatMap((garId) => names(home.deployments(garId)).map((digest) => ({ garId, digest })))
  const namedAtAll = new Set<string>()
  for (const [garId, history] of histories) {
    const digests = found.filter((one) => one.garId === garId).map(({ digest }) => digest)
    const named = keptDigests(history, live.find((one) => one.garId === garId)?.number ?? 0)
    for (const digest of named) namedAtAll.add(digest)
    const needed = lastTwoDigests(memory, garId).filter((digest) => named.includes(digest))
    const missing = needed.filter((digest) => !digests.includes(digest))
    const unnamed = digests.filter((digest) => !named.includes(digest))
    if (missing.length + unnamed.length > 0) return `of ${garId} ${missing} is missing, ${unnamed} is not named`
  }
  const expected = {
    deployed: live.map(({ garId }) => garId).sort(),
    archives: [...new Set(found.map(({ digest }) => digest))].sort(),
    // Of what is named, the archive alone does: a rollback makes the folder of it.
    unnamedArchives: [] as string[],
    staging: [] as string[],
    modules: ['dhn', 'dhn'],
    halfWritten: [] as string[],
  }
  const there = {
    deployed: [...new Set(found.map(({ garId }) => garId))],
    archives: names(home.archives()).filter((digest) => found.some((one) => one.digest === digest)),
    unnamedArchives: names(home.archives()).filter((digest) => !namedAtAll.has(digest)),
    staging: names(home.staging()),
    modules: [...names(home.deployments('node_modules')), ...names(home.stubs('node_modules'))],
    halfWritten: [
      ...names(home.var('flight')).flatMap((garId) => names(home.var('flight', garId)).filter(isHidden)),
      ...names(home.run()).filter((name) => isHidden(name) && !isJustBegun(home.run(name))),
    ],
  }
  if (JSON.stringify(there) !== JSON.stringify(expected)) {
    return `the home holds ${JSON.stringify(there)} and should hold ${JSON.stringify(expected)}`
  }
  const owner = (JSON.parse(readFileSync(home.run('lock'), 'utf8')) as { pid: number }).pid
  if (owner !== pid) return `the lock names process ${owner}, and the node is ${pid}`
  return found.map((one) => contentProblem(home, memory, one)).find((problem) => problem !== undefined)
}

/** A folder holds what it held when it was first seen; an archive is the one that its name says. */
function contentProblem(
  home: Home,
  { contents }: Memory,
  { garId, digest }: { readonly garId: string; readonly digest: string },
): string | undefined {
  const content = contentOf(home.deployments(garId, digest))
  if ((contents.get(digest) ?? content) !== content) return `the files of ${garId} ${digest} aren't as they were`
  contents.set(digest, content)
  const actual = createHash('sha256')
    .update(readFileSync(home.archives(digest)))
    .digest('hex')
  return actual === digest ? undefined : `archive ${digest} is another one`
}

function lastTwoDigests({ gars, model }: Memory, id: string): string[] {
  const versions = gars.find(({ garId }) => garId === id)?.versions ?? []
  return versions.filter(({ label }) => model.lastTwo(id).includes(label)).map(({ digest }) => digest)
}

/** The live content and the newest before it that has been ready. */
function keptDigests(history: HistoryView, live: number): string[] {
  const before = history.filter(({ number, verdict }) => number === live || (number < live && verdict === 'ready'))
  return [...new Set(before.map(({ digest }) => digest))].slice(0, keptVersions).sort()
}

/** The shared packages are exactly those that the deployed ones use, their folders are there, and what links to them is right. */
async function packageProblems(
  { client, home }: NodeUnderTest,
  { gars }: Memory,
  live: readonly DeploymentView[],
): Promise<string[]> {
  const wrong: string[] = []
  const stubs = await client.stubs()
  const users = gars.filter((gar) => gar.usesStubs && live.some(({ garId }) => garId === gar.garId))
  const told = stubs.flatMap((one) => one.users.map(({ garId }) => garId)).sort()
  const expected = users.map(({ garId }) => garId).sort()
  if (told.join() !== expected.join()) wrong.push(`the shared package is used by ${told}, not by ${expected}`)
  const problem = await settles(() => {
    const found = names(home.stubs())
      .filter((name) => name !== 'node_modules')
      .flatMap((key) => names(home.stubs(key)).flatMap((version) => names(home.stubs(key, version))))
    const held = stubs.map(({ digest }) => digest)
    return found.join() === held.join() ? undefined : `stubs/ holds ${found}, and ${held} are held`
  })
  if (problem !== undefined) wrong.push(problem)
  for (const { garId, digest, desired } of live.filter((one) => users.some(({ garId }) => garId === one.garId))) {
    const link = home.deployments(garId, digest, 'node_modules', 'crash-stubs')
    const leadsTo = existsSync(join(link, 'index.js')) ? readlinkSync(link) : 'nowhere'
    const right = stubs.some((one) => leadsTo.endsWith(`/${one.digest}`))
    if (!right && desired === 'ready') wrong.push(`${garId} links to ${leadsTo}`)
  }
  return wrong
}

/** One process for each service that runs in one; no process of a node before. */
function processProblem(
  { descendants, pid }: NodeUnderTest,
  { gars }: Memory,
  live: readonly DeploymentView[],
): string | undefined {
  const own = new Set([pid, ...roles.flatMap((role) => descendants.ofRole(role).map((one) => one.pid))])
  const strangers = descendants.strangers(own)
  if (strangers.length > 0) return `processes are left: ${strangers.join('; ')}`
  const expected = live.filter((one) => gars.some(({ garId, thread }) => garId === one.garId && !thread)).length
  const found = descendants.ofRole('instance').length
  return found === expected ? undefined : `${expected} services have ${found} processes`
}

/** Waits a while until there is no problem; then the problem. */
async function settles(look: () => string | undefined): Promise<string | undefined> {
  const giveUp = Date.now() + patience
  for (;;) {
    const problem = look()
    if (problem === undefined || Date.now() > giveUp) return problem
    await pause(20)
  }
}

/** A claim for the lock in which nothing is written: it could be another node's, and goes with a later start. */
function isJustBegun(path: string): boolean {
  return basename(path).startsWith('.lock-') && statSync(path, { throwIfNoEntry: false })?.size === 0
}

const isHidden = (name: string): boolean => name.startsWith('.')

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Everything in a deployment's folder but the links of its node_modules, which change with what it uses. */
function contentOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    if (name.startsWith('node_modules')) continue
    const path = join(folder, name)
    hash.update(`${name}\0`)
    if (lstatSync(path).isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}
