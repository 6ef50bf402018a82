import { readFile } from 'node:fs/promises'

export interface ProcessFigures {
  /** Bytes of memory that are resident: heap, buffers, code, all of it. */
  readonly memory: number
  /** Processor time of all threads, in seconds. */
  readonly cpu: number
}

/** The system counts processor time in hundredths of a second for whoever reads /proc, whatever it does inside. */
const ticks = 100

/** What the system says of a process; undefined where it says nothing: the process is gone, or this isn't Linux. */
export async function processFigures(pid: number, signal: AbortSignal): Promise<ProcessFigures | undefined> {
  try {
    const [status, stat] = await Promise.all(
      ['status', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, { encoding: 'latin1', signal })),
    )
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status as string)?.[1]
    // The second field is the program's name, in brackets, with whatever characters it has.
    const fields = (stat as string).slice((stat as string).lastIndexOf(')') + 2).split(' ')
    if (kilobytes === undefined) return undefined
    return { memory: Number(kilobytes) * 1024, cpu: (Number(fields[11]) + Number(fields[12])) / ticks }
  } catch {
    return undefined
  }
}
