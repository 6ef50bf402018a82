import { loadavg } from 'node:os'
import { identify, type ProcessId, processTable, treeOf, useOf } from '../../isolate/process-table.ts'

/** What the server used at one moment, and since the moment before. */
export interface ServerUsage {
  /** Of one processor, since the last moment; a server of several processes may take more than 100. */
  readonly cpuPercent: number
  /** Resident memory of all its processes. */
  readonly memoryBytes: number
  /** Processor time since it is watched, seconds. */
  readonly cpuSeconds: number
  /** The machine's load average over one minute. */
  readonly loadAverage: number
}

/** Watches a process of this machine with all that it has started. */
export class ServerWatch {
  readonly #leader: ProcessId
  readonly #first: number
  #last: { readonly at: number; readonly cpuSeconds: number }

  constructor(pid: number) {
    this.#leader = identify(pid)
    this.#first = this.#use()?.cpuSeconds ?? 0
    this.#last = { at: performance.now(), cpuSeconds: this.#first }
  }

  /** Undefined when it has ended, or where processes can't be seen. */
  look(): ServerUsage | undefined {
    const use = this.#use()
    if (use === undefined) return undefined
    const { at, cpuSeconds } = this.#last
    this.#last = { at: performance.now(), cpuSeconds: use.cpuSeconds }
    const seconds = (this.#last.at - at) / 1000
    return {
      // Less than before where a process has ended: its time is gone with it.
      cpuPercent: seconds > 0 ? (Math.max(0, use.cpuSeconds - cpuSeconds) / seconds) * 100 : 0,
      memoryBytes: use.residentBytes,
      cpuSeconds: use.cpuSeconds - this.#first,
      loadAverage: loadavg()[0] ?? 0,
    }
  }

  #use(): ReturnType<typeof useOf> | undefined {
    const tree = treeOf(processTable(), this.#leader)
    return tree.length === 0 ? undefined : useOf(tree)
  }
}
