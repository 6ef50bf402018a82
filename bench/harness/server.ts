import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { processTree } from './processes.ts'
import { endProcesses, type Stops } from './stops.ts'

/** One call, as it is sent again and again, and what its answer must hold. */
export interface Request {
  readonly url: string
  readonly contentType: string
  readonly body: string
  readonly expected: string
  /** Whom the caller trusts and what it shows, where `url` is of HTTPS. */
  readonly tls?: CallerCredentials
  /** Each call on a connection of its own. */
  readonly fresh?: boolean
}

/** PEM texts. */
export interface CallerCredentials {
  readonly ca: string
  readonly cert?: string
  readonly key?: string
}

export interface RunningServer {
  readonly name: string
  readonly request: Request
  /** The processes whose time its calls take; asked anew each time, as they come and go. */
  readonly pids: () => number[]
  readonly stop: () => Promise<void>
}

export interface ServerProgram {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** The processor it must stay on, with all its threads and children; a list for any of those. */
  readonly cpu: number | string
  readonly request: Request
  /** Where its output goes. */
  readonly log: string
  /** Processes of its own that aren't below the one that is started. */
  readonly others?: () => number[]
  /** How to stop it when a signal isn't enough. */
  readonly stop?: () => void | Promise<void>
  /** The command ends when it has started what `others` tells. */
  readonly detaches?: boolean
  /** Milliseconds until it must answer. */
  readonly patience?: number
}

/**
 * Starts a server and waits until it answers the call as it should.
 *
 * @throws {Error} it ended, or didn't answer in time; the last lines it wrote are in the message
 */
export async function startServer(program: ServerProgram, stops: Stops): Promise<RunningServer> {
  const child = startPinned(program)
  const pid = child.pid as number
  const others = program.others ?? (() => [])
  const stop = stops.add(async () => {
    await program.stop?.()
    await Promise.all([pid, ...others()].map((each) => endProcesses(each)))
  })
  try {
    await answers(program, child)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: program.name,
    request: program.request,
    pids: () => [...new Set([pid, ...others()].flatMap(processTree))],
    stop,
  }
}

/** Starts a command on one processor, its output in a file. */
export function startPinned(
  program: Pick<ServerProgram, 'command' | 'args' | 'cwd' | 'environment' | 'cpu' | 'log'>,
): ChildProcess {
  mkdirSync(dirname(program.log), { recursive: true })
  const log = openSync(program.log, 'w')
  const child = spawn('taskset', ['-c', String(program.cpu), program.command, ...program.args], {
    cwd: program.cwd,
    env: { ...process.env, ...program.environment },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', () => undefined)
  return child
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function answers(program: ServerProgram, child: ChildProcess): Promise<void> {
  const { name, request, log, detaches = false, patience = 60_000 } = program
  const giveUp = Date.now() + patience
  let last = 'nothing listens'
  while (Date.now() < giveUp) {
    if ((child.exitCode ?? child.signalCode) !== null && !(detaches && child.exitCode === 0)) {
      throw new Error(`${name} ended before it answered:\n${lastLines(log)}`)
    }
    const problem = await problemOf(request)
    if (problem === undefined) return
    last = problem
    await pause(100)
  }
  throw new Error(`${name} did not answer as it should within ${patience / 1000} s (${last}):\n${lastLines(log)}`)
}

/** Sends the call once; what is wrong with the answer, or undefined. */
export async function problemOf({ url, contentType, body, expected, tls }: Request): Promise<string | undefined> {
  const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
  const signal = AbortSignal.timeout(5000)
  try {
    const sent = url.startsWith('https:')
      ? httpsRequest(url, { method: 'POST', headers, signal, agent: false, ...tls })
      : httpRequest(url, { method: 'POST', headers, signal, agent: false })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const text = (await answer.setEncoding('utf8').toArray()).join('')
    if (answer.statusCode !== 200) return `status ${answer.statusCode}: ${text.slice(0, 200)}`
    return text.includes(expected) ? undefined : `an answer that isn't the echo: ${text.slice(0, 200)}`
  } catch (error) {
    return String(error)
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n')
}
