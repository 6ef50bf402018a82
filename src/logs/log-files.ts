import { readdirSync, rmSync, statSync } from 'node:fs'
import { readdir, rm, stat, truncate } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { LogPolicy } from './log-policy.ts'

// The log `x.log` is one file that grows, and those that were put aside: `x.log.20270131T120000000Z-000`, by their end.

const asideName = /^(.+\.log)\.\d{8}T\d{9}Z-\d{3}$/
const counterWidth = 3

/** The files of the log that were put aside, oldest first. */
export function filesAside(log: string): string[] {
  const folder = dirname(log)
  const names = readdirSync(folder).filter((name) => asideName.exec(name)?.[1] === basename(log))
  return names.sort().map((name) => join(folder, name))
}

/** A name after all that are there, whatever the clock says, so that the order of names is that of time. */
export function nextAside(log: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
  const newest = filesAside(log)
    .at(-1)
    ?.slice(log.length + 1)
  if (newest === undefined || newest.slice(0, stamp.length) < stamp)
    return `${log}.${stamp}-${'0'.repeat(counterWidth)}`
  const counter = String(Number(newest.slice(-counterWidth)) + 1).padStart(counterWidth, '0')
  return `${log}.${newest.slice(0, -counterWidth)}${counter}`
}

/** Takes away what the policy doesn't keep of the files put aside, `more` bytes of the growing one counted in. */
export function prune(log: string, { keptSize, keptFor }: LogPolicy, more: number, now: number): void {
  let whole = more
  for (const file of filesAside(log).toReversed()) {
    const found = statSync(file, { throwIfNoEntry: false })
    if (found === undefined) continue
    whole += found.size
    if (whole > keptSize || found.mtimeMs + keptFor < now) rmSync(file, { force: true })
  }
}

/** Takes away what was last written to too long ago, of every log in the folder; what is `open` stays. */
export async function sweepLogs(
  folder: string,
  { keptFor }: LogPolicy,
  now: number,
  open: (log: string) => boolean,
): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name)
    const growing = name.endsWith('.log')
    if (!(growing || asideName.test(name)) || (growing && open(file))) continue
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() && found.mtimeMs + keptFor < now) await rm(file, { force: true })
  }
}

/** Empties a log that is too large and can't be put aside, as its writer isn't ours: only for what is written elsewhere, too. */
export async function emptyLarge(log: string, { fileSize }: LogPolicy): Promise<void> {
  const found = await stat(log).catch(() => undefined)
  if (found !== undefined && found.size > fileSize) await truncate(log, 0)
}
