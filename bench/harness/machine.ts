import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** One processor for what is measured, another for what measures it. */
export interface Cores {
  readonly server: number
  readonly load: number
  /** All of them, as `taskset` takes them: for what isn't a server under load. */
  readonly any: string
}

export interface Machine {
  readonly processor: string
  readonly processors: number
  readonly memoryGigabytes: number
  readonly system: string
  readonly kernel: string
  readonly node: string
  readonly openssl: string
}

/** @throws {Error} the system can't tell the processor time of others, or has one processor only */
export function chooseCores(): Cores {
  if (process.platform !== 'linux') throw new Error('the benchmarks read /proc and need Linux')
  if (!isThere('taskset')) throw new Error('taskset is missing; it is in the package util-linux')
  const allowed = /^Cpus_allowed_list:\s+(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const numbers = allowed.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
  const [server, load] = numbers
  if (server === undefined || load === undefined) throw new Error('two processors are needed: one serves, one calls')
  return { server, load, any: allowed }
}

/** Puts this process, with all its threads, on the processor of the load: what it does is no part of a server's time. */
export function stayOn(cpu: number): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(cpu), String(process.pid)], { stdio: 'ignore' })
}

export function describeMachine(): Machine {
  const os = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    processors: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    system: os,
    kernel: release(),
    node: process.versions.node,
    openssl: process.versions.openssl,
  }
}

export const isThere = (command: string): boolean => spawnSync('which', [command], { stdio: 'ignore' }).status === 0
