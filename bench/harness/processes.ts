import { readdirSync, readFileSync } from 'node:fs'

/** `pid` and all processes below it, by what each of its threads started. Processes that ended meanwhile are left out. */
export function processTree(pid: number): number[] {
  return [
    pid,
    ...threads(pid)
      .flatMap((thread) => childrenOf(pid, thread))
      .flatMap(processTree),
  ]
}

/**
 * Nanoseconds of processor time that all living threads of `pids` have had, to the nanosecond of the scheduler.
 *
 * For calls, whose threads all live on. What ended threads and children had is in `cpuNanosecondsOfAll`.
 */
export function cpuNanoseconds(pids: readonly number[]): number {
  return sum(
    pids.flatMap((pid) =>
      threads(pid).map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0)),
    ),
  )
}

/** As above in steps of 10 ms, with the time of threads that have ended and of children that were waited for. */
export function cpuNanosecondsOfAll(pids: readonly number[]): number {
  return sum(
    pids.map((pid) => {
      const fields = read(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ') ?? []
      return sum([11, 12, 13, 14].map((field) => Number(fields[field] ?? 0))) * 10_000_000
    }),
  )
}

export interface Memory {
  /** Bytes of its own: memory that no file backs. */
  readonly anonymous: number
  /** Bytes it keeps in memory, shared ones included in full. */
  readonly resident: number
  /** Bytes it keeps in memory, each shared one divided by how many share it. */
  readonly proportional: number
}

/** Undefined when the process is gone. */
export function memoryOf(pid: number): Memory | undefined {
  const status = read(`/proc/${pid}/status`)
  const rollup = read(`/proc/${pid}/smaps_rollup`)
  if (status === undefined || rollup === undefined) return undefined
  return {
    anonymous: kilobytes(status, 'RssAnon') * 1024,
    resident: kilobytes(status, 'VmRSS') * 1024,
    proportional: kilobytes(rollup, 'Pss') * 1024,
  }
}

export const isAlive = (pid: number): boolean => {
  const state = read(`/proc/${pid}/stat`)?.split(') ')[1]?.[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Nanoseconds that processor `cpu` was busy for anyone, its host's other guests included; steps of 10 ms. */
export function busyNanoseconds(cpu: number): number {
  const fields = read('/proc/stat')
    ?.split('\n')
    .find((line) => line.startsWith(`cpu${cpu} `))
    ?.trim()
    .split(/\s+/)
    .slice(1)
    .map(Number)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields ?? []
  return (user + nice + system + irq + softirq + steal) * 10_000_000
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

const threads = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

const childrenOf = (pid: number, thread: string): number[] =>
  (read(`/proc/${pid}/task/${thread}/children`) ?? '').trim().split(/\s+/).filter(Boolean).map(Number)

const kilobytes = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
