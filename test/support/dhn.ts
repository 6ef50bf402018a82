import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly home?: string
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Told of the process once it runs: to send it signals. */
  readonly begun?: (child: ChildProcess) => void
}

/** Runs the built `dhn` as a process of its own, as an operator does, in a home that isn't the tester's. */
export function dhn(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(process.execPath, [program, ...words], options)
}

export function run(file: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { home = '/nowhere', cwd, environment } = options
  const child = spawn(file, words, {
    cwd,
    env: { PATH: process.env.PATH, HOME: '/nowhere', DHN_HOME: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  options.begun?.(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    )
  })
}
