import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failpoints } from '../../src/store/failpoint.ts'
import { until } from '../support/node.ts'
import type { Started, Step } from '../support/node-to-kill.ts'
import { archiveOf, type TestService } from '../support/test-service.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'dhn-kill-'))
/** Inside the repository, where it finds its packages and the built instance side. */
const program = join(repository, 'dist', `node-to-kill-${process.pid}.mjs`)

// In one file, as dozens of them are started.
beforeAll(async () => {
  await build({
    entryPoints: [join(repository, 'test/support/node-to-kill.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['lmdb'],
    banner: { js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url)" },
  })
})
afterAll(() => {
  rmSync(program)
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 })
})

interface Run {
  readonly state: Started
  /** Outcomes of the steps that came to their end. */
  readonly did: readonly (string | undefined)[]
  /** The failpoint that killed it, as it said. */
  readonly killedAt: string | undefined
}

const garId = 'samples_counter'
let homes = 0
const newHome = (): string => {
  homes += 1
  const home = join(folder, `home-${homes}`)
  mkdirSync(home)
  return home
}

/** Runs a node until it has done its steps or is killed, which is how it ends in any case. */
function run(home: string, steps: readonly Step[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const options = { cwd: repository }
    execFile(process.execPath, [program, home, JSON.stringify(steps)], options, (error, stdout, stderr) => {
      const lines = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      if (error?.signal !== 'SIGKILL') return reject(new Error(`the node ended by itself: ${stderr}`))
      const [first, ...did] = lines
      resolve({
        state: first,
        did: did.map(({ outcome }) => outcome),
        killedAt: /^failpoint (.*): kill$/m.exec(stderr)?.[1],
      })
    })
  })
}

/** A version of a service that brings stubs, whose content changes with each version. */
function deployOf(version: string): Step {
  const service: TestService = {
    service: 'Samples/Counter',
    version,
    stubs: [{ name: 'counter-stubs', version: '1.0.0', text: `export const says = '${version}'\n` }],
  }
  const { name, bytes } = archiveOf(service)
  const file = join(folder, `${version}.tar.gz`)
  writeFileSync(file, bytes)
  return { type: 'deploy', name, file }
}

/** What holds after each start, however the node ended (security.md 5.1). */
function expectWhole({ state }: Run): void {
  // Exactly one version is live, it is as it was desired, and it is the one that answers.
  for (const { garId, desired, state: is, number } of state.live) {
    expect([garId, is]).toEqual([garId, desired])
    expect(state.verdicts).toContainEqual(expect.objectContaining({ garId, number, verdict: 'ready' }))
    expect(state.answers[garId]).toMatch(desired === 'ready' ? /^200 / : /^503 /)
  }
  // Nothing is half there, and nothing is there that isn't named: the live version and the one before it.
  const live = state.live[0]?.number ?? 0
  const before = state.verdicts.filter(({ number }) => number <= live).map(({ digest }) => digest)
  const digests = [...new Set(before.reverse())].slice(0, 2).sort()
  expect(state).toMatchObject({ whole: true, staging: [], open: 0, archives: digests })
  expect(state.deployments).toEqual(digests.map((digest) => `${garId}/${digest}`))
  expect(state.stubsFolders).toEqual(state.stubs.map(({ digest }) => digest))
  expect(state.stubs.flatMap(({ users }) => users)).toEqual(state.live.map((one) => one.garId))
  expect(state.verdicts.every(({ verdict }) => verdict === 'ready')).toBe(true)
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

const stepsOf = (prefix: string): readonly string[] => failpoints.filter((name) => name.startsWith(`${prefix}.`))
/** An operation commits when it begins, when it changes what is live, and when it ends. */
const commits = ['store.commit:2', 'store.committed:2', 'store.commit:3']
/** Where the change has happened already. */
const happened = /\.(committed|switched|old-stopped|stopped)$|committed:2|commit:3/

interface Command {
  readonly steps: readonly string[]
  readonly setUp: readonly Step[]
  readonly command: Step
  /** What is live, and answers, before and after the command. */
  readonly before: Readonly<Record<string, string>>
  readonly after: Readonly<Record<string, string>>
  /** Once it has happened: what makes it as it was before. */
  readonly reset: readonly (Step & { readonly outcome: string })[]
}

/**
 * Gives the same command again and again, and each time the node is killed one step later; the last time it isn't.
 */
async function killAtEach({ steps, setUp, command, before, after, reset }: Command): Promise<void> {
  const home = newHome()
  await run(home, setUp)
  let last: string | undefined
  for (const step of [...steps, undefined]) {
    const done = last !== undefined && happened.test(last)
    const given = done ? reset : []
    const arm = step === undefined ? {} : { arm: step.replace(/(:|$)/, '=kill$1') }
    const found = await run(home, [...given, { ...command, ...arm }])
    expectWhole(found)
    expect([last, found.state.answers]).toEqual([last, done ? after : before])
    if (last !== undefined) expect([last, found.state.last]).toEqual([last, done ? 'done' : 'failed'])
    expect(found.killedAt).toBe(step?.replace(/:.*/, ''))
    const outcomes = given.map(({ outcome }) => outcome)
    expect([last, found.did]).toEqual([last, step === undefined ? [...outcomes, 'done'] : outcomes])
    for (const { pid } of found.state.live) await until(() => isGone(pid), 'its services have ended with the node')
    last = step
  }
}

const one = deployOf('1')
const two = deployOf('2')
const undeploy: Step = { type: 'undeploy', garId }

describe('kill -9', { timeout: 120_000, concurrent: true }, () => {
  it('at each step of a first deploy: it is there entirely or not at all, and the same command works', () =>
    killAtEach({
      steps: stepsOf('deploy'),
      setUp: [],
      command: one,
      before: {},
      after: { [garId]: '200 1' },
      reset: [
        { ...one, outcome: 'unchanged' },
        { ...undeploy, outcome: 'done' },
      ],
    }))

  it('at each step of an upgrade: the old version or the new one is there, and the same command works', () =>
    killAtEach({
      steps: [...stepsOf('deploy'), ...commits],
      setUp: [one],
      command: two,
      before: { [garId]: '200 1' },
      after: { [garId]: '200 2' },
      reset: [
        { ...two, outcome: 'unchanged' },
        { ...one, outcome: 'done' },
      ],
    }))

  it('at each step of a rollback: either version is there, and the same command works', () =>
    killAtEach({
      steps: stepsOf('rollback'),
      setUp: [one, two],
      command: { type: 'rollback', garId },
      before: { [garId]: '200 2' },
      after: { [garId]: '200 1' },
      reset: [{ ...two, outcome: 'done' }],
    }))

  it('at each step of an undeploy: it is still there or it is gone, and the same command works', () =>
    killAtEach({
      steps: stepsOf('undeploy'),
      setUp: [one],
      command: undeploy,
      before: { [garId]: '200 1' },
      after: {},
      reset: [{ ...one, outcome: 'done' }],
    }))

  it('while it recovers or tidies, and of a node that does nothing: exactly what was desired comes back', async () => {
    const home = newHome()
    await run(home, [one, { type: 'disable', garId }])
    for (const step of ['tidy.begun', 'tidy.ended', 'recovery.tidied']) {
      expect(await run(home, [{ type: 'start', arm: `${step}=kill` }])).toMatchObject({ killedAt: step })
    }
    const after = await run(home, [])
    expectWhole(after)
    expect(after.state.live).toMatchObject([{ garId, desired: 'disabled', state: 'disabled' }])
  })
})
