import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { Histogram } from './histogram.ts'
import type { LoadMessage, LoadOrder, LoadSecond } from './load-messages.ts'

/** One second of the whole load. Times are microseconds, NaN where there was no good call. */
export interface LoadFigures {
  readonly second: number
  readonly connections: number
  readonly times: Histogram
  readonly errors: ReadonlyMap<string, number>
}

export interface LoadRunOptions {
  readonly processes: number
  /** Told of each second when all processes have told of it. */
  tell(figures: LoadFigures): void
}

/**
 * Calls from several processes at once; resolves with all seconds when all have ended.
 *
 * @throws {Error} a process of the load failed
 */
export async function runLoad(
  order: Omit<LoadOrder, 'begin' | 'end'> & { readonly seconds: number },
  { processes, tell }: LoadRunOptions,
): Promise<readonly LoadFigures[]> {
  const { seconds, connections, ramp, ...rest } = order
  const found: LoadFigures[] = []
  const gathering = new Map<number, LoadSecond[]>()
  const begin = Date.now() + 500
  const gather = (part: LoadSecond): void => {
    const parts = [...(gathering.get(part.second) ?? []), part]
    gathering.set(part.second, parts)
    if (parts.length !== processes) return
    const figures = together(part.second, parts)
    found.push(figures)
    tell(figures)
  }
  const children = Array.from({ length: processes }, (_, place) => {
    const own = Math.floor(connections / processes) + (place < connections % processes ? 1 : 0)
    return started({ ...rest, connections: own, ramp, begin, end: begin + seconds * 1000 }, gather)
  })
  try {
    await Promise.all(children.map(({ ended }) => ended))
  } catch (error) {
    for (const { child } of children) child.kill()
    throw error
  }
  return found
}

function started(
  order: LoadOrder,
  gather: (part: LoadSecond) => void,
): { readonly child: ChildProcess; readonly ended: Promise<void> } {
  const child = fork(createRequire(import.meta.url).resolve('#load-process'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  child.on('message', (message: LoadMessage) => {
    if ('second' in message) gather(message.second)
  })
  child.send(order)
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`a process of the load ended with ${code ?? signal}: ${said.slice(-1000)}`))
    })
  })
  return { child, ended }
}

function together(second: number, parts: readonly LoadSecond[]): LoadFigures {
  const times = new Histogram()
  const errors = new Map<string, number>()
  let connections = 0
  for (const part of parts) {
    times.merge(part.times)
    connections += part.open
    for (const [what, count] of Object.entries(part.errors)) errors.set(what, (errors.get(what) ?? 0) + count)
  }
  return { second, connections, times, errors }
}
