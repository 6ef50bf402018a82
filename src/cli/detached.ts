import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeView } from '../container/views.ts'
import { Home } from '../store/home.ts'
import type { Context, ExitCode } from './command.ts'
import { StartFailed } from './errors.ts'
import type { StartOverrides } from './roof.ts'
import { indent, plain } from './text.ts'

/** Seconds that a node gets to answer when `--timeout` doesn't say: a full home brings its instances back first. */
const patience = 120
const linesShown = 20

/**
 * Starts the node as a process of its own and waits until it runs.
 *
 * What it prints goes to `var/log/start.log`, made anew at each start: its own log is `var/log/node.log`.
 *
 * @throws {StartFailed} it ended, or didn't answer in time; then it goes on
 */
export async function startDetached(overrides: StartOverrides, context: Context): Promise<ExitCode> {
  const { home, output, timeout, wait } = context
  const log = new Home(home).log('start.log')
  const child = spawnNode(log, overrides, context)
  const seconds = timeout ?? patience
  const giveUp = Date.now() + seconds * 1000
  output.working(`process ${child.pid} is starting`)
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw ended(child, log, context)
    if (wait === false) break
    const view = await runningView(child, context)
    if (view !== undefined) {
      child.unref()
      output.result(view, ({ pid, addresses }) => [`process ${pid}`, ...addresses].join('\n'))
      return 0
    }
    if (Date.now() > giveUp) {
      child.unref()
      throw new StartFailed(`process ${child.pid} goes on starting after ${seconds} s`, log, lastLines(log))
    }
    await pause(50)
  }
  child.unref()
  output.result({ pid: child.pid }, ({ pid }) => `process ${pid}`)
  return 0
}

function spawnNode(log: string, overrides: StartOverrides, { home, roof }: Context): ChildProcess {
  mkdirSync(new Home(home).log(), { recursive: true, mode: 0o700 })
  const file = openSync(log, 'w', 0o600)
  const { host, port, nosec, nosecPort } = overrides
  const options = [
    ...(host === undefined ? [] : ['--host', host]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(nosec === true ? ['--nosec'] : []),
    ...(nosecPort === undefined ? [] : ['--nosec-port', String(nosecPort)]),
  ]
  const child = spawn(process.execPath, [...process.execArgv, roof.program, 'start', '--home', home, ...options], {
    detached: true,
    stdio: ['ignore', file, file],
    cwd: '/',
  })
  closeSync(file)
  return child
}

/** What the child says of itself once it runs; another node of the same home isn't it. */
async function runningView({ pid }: ChildProcess, { node }: Context): Promise<NodeView | undefined> {
  const view = await node.view(2000).catch(() => undefined)
  return view?.pid === pid && view?.state === 'running' ? view : undefined
}

function ended({ pid, exitCode, signalCode }: ChildProcess, log: string, { output }: Context): StartFailed {
  const lines = lastLines(log)
  if (lines.length > 0) output.tell(`the last lines it printed:\n${indent(lines.join('\n'), '  | ')}`)
  const how = signalCode === null ? `with exit code ${exitCode}` : `by ${signalCode}`
  return new StartFailed(`the node (process ${pid}) ended ${how} before it answered`, log, lines)
}

const lastLines = (log: string): readonly string[] =>
  readFileSync(log, 'utf8').trimEnd().split('\n').slice(-linesShown).map(plain)
