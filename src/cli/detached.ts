import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeView } from '../container/views.ts'
import { Home } from '../store/home.ts'
import { HomeLocked } from '../store/store-errors.ts'
import type { Context, ExitCode } from './command.ts'
import { StartFailed } from './errors.ts'
import type { StartOverrides } from './roof.ts'
import { indent, logLine } from './text.ts'

/** Seconds that a node gets to answer when `--timeout` doesn't say: a full home brings its instances back first. */
const patience = 120
const linesShown = 20

/**
 * Starts the node as a process of its own and waits until it runs: all that was deployed is ready again, or has failed.
 * With `--no-wait` it is enough that it answers.
 *
 * What it prints goes to `var/log/start.log`; its own log is `var/log/node.log`.
 *
 * @throws {HomeLocked} there is one already
 * @throws {StartFailed} it ended, or didn't answer in time; then it goes on
 */
export async function startDetached(overrides: StartOverrides, context: Context): Promise<ExitCode> {
  const { home, node, output, timeout, wait } = context
  const running = await node.view(2000).catch(() => undefined)
  if (running !== undefined) throw new HomeLocked(home, running.pid)
  const log = openLog(new Home(home).log('start.log'))
  const child = spawnNode(log, overrides, context)
  const seconds = timeout ?? patience
  const giveUp = Date.now() + seconds * 1000
  output.working(`process ${child.pid} is starting`)
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw ended(child, log, context)
    const view = await viewOf(child, context)
    if (view?.state === 'running' || (view !== undefined && wait === false)) {
      child.unref()
      output.result(view, ({ pid, addresses }) => [`process ${pid}`, ...addresses].join('\n'))
      return 0
    }
    if (Date.now() > giveUp) {
      child.unref()
      throw new StartFailed(`process ${child.pid} goes on starting after ${seconds} s`, log.path, lastLines(log))
    }
    await pause(50)
  }
}

interface Log {
  readonly path: string
  readonly file: number
  /** Where the words of this start begin, bytes. */
  readonly from: number
}

function openLog(path: string): Log {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'a', 0o600)
  return { path, file, from: fstatSync(file).size }
}

function spawnNode(log: Log, overrides: StartOverrides, { home, roof }: Context): ChildProcess {
  const { host, port, nosec, nosecPort, files = [], settings = [], services, debug } = overrides
  const options = [
    ...(host === undefined ? [] : ['--host', host]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(nosec === true ? ['--nosec'] : []),
    ...(nosecPort === undefined ? [] : ['--nosec-port', String(nosecPort)]),
    ...files.flatMap((file) => ['--cfg', file]),
    ...settings.flatMap((setting) => ['--option', setting]),
    ...(services === undefined ? [] : ['--services', services.join()]),
    ...(debug === true ? ['--debug'] : []),
  ]
  const child = spawn(process.execPath, [...process.execArgv, roof.program, 'start', '--home', home, ...options], {
    detached: true,
    stdio: ['ignore', log.file, log.file],
    cwd: '/',
  })
  closeSync(log.file)
  return child
}

/** What the child says of itself once it answers; another node of the same home isn't it. */
async function viewOf({ pid }: ChildProcess, { node }: Context): Promise<NodeView | undefined> {
  const view = await node.view(2000).catch(() => undefined)
  return view?.pid === pid ? view : undefined
}

function ended({ pid, exitCode, signalCode }: ChildProcess, log: Log, { output }: Context): StartFailed {
  const lines = lastLines(log)
  if (lines.length > 0) output.tell(`the last lines it printed:\n${indent(lines.join('\n'), '  | ')}`)
  const how = signalCode === null ? `with exit code ${exitCode}` : `by ${signalCode}`
  return new StartFailed(`the node (process ${pid}) ended ${how} before it answered`, log.path, lines)
}

const lastLines = ({ path, from }: Log): readonly string[] =>
  readFileSync(path).subarray(from).toString().trimEnd().split('\n').slice(-linesShown).map(logLine)
