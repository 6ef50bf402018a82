import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

/** A process that is meant and not another one that was given its number later. */
export interface ProcessId {
  readonly pid: number
  /** Clock ticks from the start of the machine to its own; undefined where nobody can tell. */
  readonly startedAt: number | undefined
}

interface ProcessFacts extends ProcessId {
  readonly startedAt: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly residentPages: number
  readonly cpuTicks: number
}

export type ProcessTable = ReadonlyMap<number, ProcessFacts>

/** What a tree of processes uses. */
export interface TreeUse {
  readonly residentBytes: number
  readonly processes: number
  readonly cpuSeconds: number
}

const TICKS_A_SECOND = 100
const buffer = Buffer.allocUnsafeSlow(1024)
let pageSize: number | undefined
let recent: { readonly table: ProcessTable; readonly readAt: number } | undefined

/**
 * All processes of the machine; empty where there is no `/proc`.
 *
 * @param age a table that was read at most so many milliseconds ago will do
 * @see proc(5), /proc/pid/stat
 */
export function processTable(age = 0): ProcessTable {
  if (recent !== undefined && age > 0 && performance.now() - recent.readAt <= age) return recent.table
  const table = new Map<number, ProcessFacts>()
  for (const name of list('/proc')) {
    const pid = Number(name)
    const facts = Number.isInteger(pid) ? factsOf(pid) : undefined
    if (facts !== undefined) table.set(pid, facts)
  }
  recent = { table, readAt: performance.now() }
  return table
}

export function identify(pid: number): ProcessId {
  return { pid, startedAt: factsOf(pid)?.startedAt }
}

/**
 * What belongs to the process that `leader` was started as: itself, its group and session, all that these have started,
 * and what is left of those `known` before, who may have new parents.
 */
export function treeOf(
  table: ProcessTable,
  leader: ProcessId,
  known: Iterable<ProcessId> = [],
): readonly ProcessFacts[] {
  const tree = new Set<number>()
  for (const { pid, startedAt } of [leader, ...known]) if (table.get(pid)?.startedAt === startedAt) tree.add(pid)
  // A number isn't given away while a group or session has it.
  if (!table.has(leader.pid) || tree.has(leader.pid)) {
    for (const one of table.values()) if (one.group === leader.pid || one.session === leader.pid) tree.add(one.pid)
  }
  if (tree.size === 0) return []
  for (let grows = true; grows; ) {
    grows = false
    for (const { pid, parent } of table.values()) {
      if (!tree.has(parent) || tree.has(pid)) continue
      tree.add(pid)
      grows = true
    }
  }
  return [...tree].flatMap((pid) => table.get(pid) ?? [])
}

export function useOf(tree: readonly ProcessFacts[]): TreeUse {
  let pages = 0
  let ticks = 0
  for (const { residentPages, cpuTicks } of tree) {
    pages += residentPages
    ticks += cpuTicks
  }
  return { residentBytes: pages * sizeOfPage(), processes: tree.length, cpuSeconds: ticks / TICKS_A_SECOND }
}

/** How many descriptors a process has open; undefined when that can't be seen. */
export function openDescriptors(pid: number): number | undefined {
  return list(`/proc/${pid}/fd`).length || undefined
}

/** Ends a process with its group, and all that `treeOf` finds of it, at once. */
export function endTree(leader: ProcessId, known: Iterable<ProcessId> = []): void {
  const table = processTable()
  const tree = treeOf(table, leader, known)
  if (table.size === 0 || tree.length > 0) kill(-leader.pid)
  for (const { pid } of tree) kill(pid)
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function factsOf(pid: number): ProcessFacts | undefined {
  let text: string
  try {
    const file = openSync(`/proc/${pid}/stat`, 'r')
    try {
      text = buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
  // The name in brackets may have blanks and brackets in it; the fields after it count from 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  if (fields[0] === 'Z') return undefined
  return {
    pid,
    parent: field(4),
    group: field(5),
    session: field(6),
    cpuTicks: field(14) + field(15),
    startedAt: field(22),
    residentPages: field(24),
  }
}

/** Compared with this process itself, as nothing tells it. */
function sizeOfPage(): number {
  if (pageSize === undefined) {
    const bytes = process.memoryUsage.rss() / (factsOf(process.pid)?.residentPages ?? Number.POSITIVE_INFINITY)
    pageSize = 2 ** Math.max(12, Math.round(Math.log2(bytes)))
  }
  return pageSize
}
