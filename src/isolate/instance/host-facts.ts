import { readFileSync } from 'node:fs'
import { loadavg, uptime } from 'node:os'

export interface HostFacts {
  /** Three numbers, as `/proc/loadavg` has them. */
  readonly load: string
  /** Of the machine, seconds. */
  readonly uptime: number
  /** Processor time of children that have ended, seconds. */
  readonly children: { readonly user: number; readonly system: number }
}

interface Seen extends HostFacts {
  /** `performance.now()` of the look. */
  readonly at: number
}

/** Milliseconds from one look to the next: each asks the system for several files. */
const interval = 1000
/** Of `/proc/self/stat`: so many to a second on every Linux that Node runs on. */
const ticks = 100

let seen: Seen | undefined

/** What the machine says, looked at once a second; its up-time goes on meanwhile. */
export function hostFacts(): HostFacts {
  const now = performance.now()
  if (seen === undefined || now - seen.at > interval) seen = look(now)
  return { ...seen, uptime: seen.uptime + (now - seen.at) / 1000 }
}

function look(at: number): Seen {
  const load = loadavg()
    .map((one) => one.toFixed(2))
    .join(' ')
  return { at, load, uptime: uptime(), children: childrenTimes() }
}

function childrenTimes(): HostFacts['children'] {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // Behind the name in parentheses, which may hold anything: the 16th and 17th field of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { user: Number(fields[13]) / ticks, system: Number(fields[14]) / ticks }
  } catch {
    return { user: 0, system: 0 }
  }
}
