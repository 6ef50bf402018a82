import { spawn } from 'node:child_process'

/** What a command took until it ended, its children that it waited for included. Milliseconds. */
export interface CommandTime {
  readonly wall: number
  readonly cpu: number
}

interface CommandOptions {
  /** Where it runs; a list for any of those. */
  readonly cpu: number | string
}

/**
 * Runs a command to its end, timed by the shell that waits for it.
 *
 * @throws {Error} it failed; with what it wrote
 */
export async function timeCommand(
  command: string,
  args: readonly string[],
  { cpu }: CommandOptions,
): Promise<CommandTime> {
  const shell = 'exec 3>&2 2>&1; TIMEFORMAT="TIMES %R %U %S"; { time "$@" 2>&1; } 2>&3'
  const child = spawn('taskset', ['-c', String(cpu), 'bash', '-c', shell, 'bash', command, ...args], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let times = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (times += chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const found = /TIMES ([\d.]+) ([\d.]+) ([\d.]+)/.exec(times)
  if (code !== 0 || found === null) {
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${`${output}${times}`.slice(-1000)}`)
  }
  const [wall = 0, user = 0, system = 0] = found.slice(1).map(Number)
  return { wall: wall * 1000, cpu: (user + system) * 1000 }
}
