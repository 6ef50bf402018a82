import { readFileSync } from 'node:fs'

/** What a process uses just now. */
export interface ProcessFigures {
  /** Resident memory, bytes. */
  readonly rssBytes: number
  /** Processor time since it began, user and system, ms. */
  readonly cpuMs: number
}

/** Of USER_HZ, ms, and of a page, bytes: what Linux has on every machine that dhn runs on. */
const tick = 10
const page = 4096
const firstField = 3
const field = { userTime: 14 - firstField, systemTime: 15 - firstField, rss: 24 - firstField } as const

/** From /proc/<pid>/stat, proc(5); undefined when there is no such process, or no such file system. */
export function processFigures(pid: number): ProcessFigures | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program stands in parentheses and may hold blanks: what follows begins with field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const number = (index: number): number => Number(fields[index])
    // One that has ended and wasn't waited for yet has none.
    if (number(field.rss) === 0) return undefined
    return {
      rssBytes: number(field.rss) * page,
      cpuMs: (number(field.userTime) + number(field.systemTime)) * tick,
    }
  } catch {
    return undefined
  }
}
