import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { identify, type ProcessId, processTable, treeOf } from '../../../src/isolate/process-table.ts'

/** What the processes of a node are for, by the program that they run. Another kind of process gets a line here. */
const programs = {
  instance: /\/isolate\/instance\/[\w-]+\.c?js$/,
  guard: /\/isolate\/guard\/main\.js$/,
  front: /\/dist\/front\.js$/,
  keeper: /\/logs\/keeper-main\.js$/,
} as const
export type Role = keyof typeof programs
export const roles = Object.keys(programs) as Role[]

/** Waits for the disk, and nobody can end it before the disk is done. */
const flushes = /^\d+ sync -f /
/** How often the node's processes are looked at, ms. */
const interval = 200

/** The processes that a node has started, as seen from outside: whatever it started must end with it. */
export class Descendants {
  readonly #leader: ProcessId
  readonly #seen = new Map<string, ProcessId>()
  readonly #timer: NodeJS.Timeout

  /** @param home whoever works or has a file open in there belongs to the node as well */
  constructor(
    pid: number,
    private readonly home: string,
  ) {
    this.#leader = identify(pid)
    this.#timer = setInterval(() => this.look(), interval)
  }

  look(): void {
    for (const { pid, startedAt } of treeOf(processTable(), this.#leader)) {
      if (pid !== this.#leader.pid) this.#seen.set(`${pid} ${startedAt}`, { pid, startedAt })
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Those of one role that live; the last word of an instance's command line is its GAR ID. */
  ofRole(role: Role): readonly { readonly pid: number; readonly lastWord: string }[] {
    return treeOf(processTable(), this.#leader)
      .map(({ pid }) => ({ pid, words: programOf(pid) }))
      .filter(({ words }) => words.some((word) => programs[role].test(word)))
      .map(({ pid, words }) => ({ pid, lastWord: words.at(-1) ?? '' }))
  }

  /** Those seen of this node that still live, as `<pid> <command line>`. */
  alive(): readonly string[] {
    const table = processTable()
    const alive = [...this.#seen.values()].filter(({ pid, startedAt }) => table.get(pid)?.startedAt === startedAt)
    return alive.map(({ pid }) => told(pid)).filter((process) => !flushes.test(process))
  }

  /** Processes, other than the given ones, that work in the home or have a file of it open. */
  strangers(own: ReadonlySet<number>): readonly string[] {
    return [...processTable().keys()]
      .filter((pid) => pid !== process.pid && !own.has(pid) && this.#isInHome(pid))
      .map((pid) => told(pid))
      .filter((process) => !flushes.test(process))
  }

  #isInHome(pid: number): boolean {
    const links = [`/proc/${pid}/cwd`, ...list(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`)]
    return links.some((link) => target(link).startsWith(`${this.home}/`))
  }
}

const told = (pid: number): string => `${pid} ${programOf(pid).join(' ')}`

function programOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
  } catch {
    return []
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
