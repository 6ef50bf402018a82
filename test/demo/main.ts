import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * `npm run demo`: the whole story of a node in a throw-away home, through the commands an operator types.
 * Ends with exit code 0 and leaves nothing behind, or with 1 and says what failed.
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist', 'main.js')
const run = promisify(execFile)

const folder = await mkdtemp(join(tmpdir(), 'dhn-demo-'))
const home = join(folder, 'home')
const begun = Date.now()
let node: ChildProcess | undefined
let calls = 0

const say = (text: string): void => console.log(text)
const chapter = (text: string): void => say(`\n${text}`)

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected that ${what}`)
}

/** Runs a command as an operator would, prints it with what it answered, and returns its standard output. */
async function dhn(...words: string[]): Promise<string> {
  say(`  $ dhn ${words.join(' ').replaceAll(folder, '.')}`)
  const { stdout } = await run(process.execPath, [program, ...words], { env: { ...process.env, DHN_HOME: home } })
  for (const line of stdout.trimEnd().split('\n')) say(`    ${line.replaceAll(folder, '.')}`)
  return stdout
}

async function dhnJson<T>(...words: string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [program, ...words, '--json'], {
    env: { ...process.env, DHN_HOME: home },
  })
  return JSON.parse(stdout) as T
}

/** A call as any client makes it: a form, posted. */
async function post(url: string, method: string, ...args: unknown[]): Promise<{ status: number; value: unknown }> {
  calls += 1
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ method, args: JSON.stringify(args) }) })
  const body = (await answer.json()) as { OK: boolean; Value?: unknown }
  return { status: answer.status, value: body.Value }
}

async function startNode(): Promise<string> {
  await dhn('init')
  say('  $ dhn start --port 0 --nosec --nosec-port 0 &')
  node = spawn(process.execPath, [program, 'start', '--port', '0', '--nosec', '--nosec-port', '0'], {
    env: { ...process.env, DHN_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const gone = new Promise<never>((_, reject) =>
    node?.once('exit', (code) => reject(new Error(`the node ended: ${code}`))),
  )
  gone.catch(() => {})
  for (;;) {
    const view = await Promise.race([
      gone,
      dhnJson<{ state: string; addresses: string[] }>('status').catch(() => undefined),
    ])
    if (view?.state === 'running') {
      say(`    running at ${view.addresses.join(' and ')}`)
      return view.addresses.find((address) => address.startsWith('http:')) as string
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Packs a sample, with another version in its profile when one is given. */
async function pack(sample: string, version?: string): Promise<string> {
  const profile = join(folder, `${sample}.xml`)
  const text = await readFile(join(root, 'profiles', `${sample}.xml`), 'utf8')
  await writeFile(
    profile,
    version === undefined ? text : text.replaceAll('<Version>1.0.0</Version>', `<Version>${version}</Version>`),
  )
  const source = join(folder, sample)
  await cp(join(root, 'gar', sample), source, { recursive: true })
  const out = join(folder, version === undefined ? 'archives' : `archives-${version}`)
  await dhn('pack', source, '--profile', profile, '--out', out)
  return join(out, `org_diligentproject_samples_${sample}.tar.gz`)
}

/** Calls without a pause until it is told to stop, and counts what failed. */
function callers(url: string, connections: number): { stop(): Promise<{ calls: number; failed: number }> } {
  let running = true
  let made = 0
  let failed = 0
  const one = async (): Promise<void> => {
    while (running) {
      const answer = await post(url, 'echo', 'still here').catch(() => undefined)
      made += 1
      if (answer?.status !== 200 || answer.value !== 'still here') failed += 1
    }
  }
  const all = Promise.all(Array.from({ length: connections }, one))
  return {
    async stop() {
      running = false
      await all
      return { calls: made, failed }
    },
  }
}

async function story(): Promise<void> {
  chapter('A node starts in a home of its own, with a certificate it made.')
  const base = await startNode()

  chapter('Three services are packed: an echo, a counter, and a tally that uses the counter through its stubs.')
  const echo = await pack('echo')
  const counter = await pack('counter')
  const tally = await pack('tally')

  chapter('They are deployed with their open descriptors. --dry-run first: what would change?')
  const plan = await dhnJson<{ outcome: string }>('deploy', echo, '--nosec', '--dry-run').catch(
    (error: { stdout: string }) => JSON.parse(error.stdout) as { outcome: string },
  )
  say(`    ${plan.outcome}`)
  expectThat(plan.outcome === 'changes', 'the plan of a new service is a change')
  for (const archive of [echo, counter, tally]) await dhn('deploy', archive, '--nosec')
  await dhn('list')

  chapter('They are called.')
  await dhn('call', 'Samples/Echo', 'echo', '"hello"')
  const added = await post(`${base}/Samples/Counter`, 'add', 2)
  const told = await post(`${base}/Samples/Tally`, 'count', 'apples')
  say(`    counter add(2) -> ${JSON.stringify(added.value)}   tally count("apples") -> ${JSON.stringify(told.value)}`)
  expectThat(added.status === 200 && told.status === 200, 'counter and tally answer')

  chapter('The echo is upgraded while 16 clients call it.')
  const load = callers(`${base}/Samples/Echo`, 16)
  await dhn('deploy', await pack('echo', '1.1.0'), '--nosec')
  const outcome = await load.stop()
  say(`    ${outcome.calls} calls during the upgrade, ${outcome.failed} failed`)
  expectThat(outcome.calls > 0 && outcome.failed === 0, 'no call fails during an upgrade')
  await dhn('history', 'org_diligentproject_samples_echo')
  await dhn('rollback', 'org_diligentproject_samples_echo')

  chapter('The counter is disabled and enabled.')
  await dhn('ri', 'disable', 'Samples/Counter')
  const refused = await post(`${base}/Samples/Counter`, 'value')
  say(`    a call now gets ${refused.status}`)
  expectThat(refused.status === 503, 'a disabled instance refuses calls')
  await dhn('ri', 'enable', 'Samples/Counter')
  const again = await post(`${base}/Samples/Counter`, 'value')
  expectThat(again.status === 200, 'an enabled instance answers')

  chapter('The counter goes; its stubs stay as long as the tally uses them.')
  await dhn('undeploy', 'org_diligentproject_samples_counter')
  await dhn('stubs', 'list')
  await dhn('undeploy', 'org_diligentproject_samples_tally')
  await dhn('undeploy', 'org_diligentproject_samples_echo')
  expectThat((await dhnJson<unknown[]>('stubs', 'list')).length === 0, 'unused stubs are gone')
  await dhn('stop')
}

try {
  await story()
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  chapter(`Done in ${seconds} s: 3 services deployed, 1 upgraded under load and rolled back, ${calls} calls, 0 failed.`)
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  if (node?.exitCode === null) node.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}
