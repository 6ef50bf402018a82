import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { isHalf } from './durable.ts'
import type { Home } from './home.ts'
import { HomeLocked } from './store-errors.ts'

export interface HomeLock {
  /** Gives the home back. Safe twice. */
  release(): Promise<void>
}

/** Who holds a lock. A process id is used again after a while, so the time of its start belongs to it. */
interface Holder {
  readonly pid: number
  /** Clock ticks from the boot to the start of the process; absent where the system doesn't tell. */
  readonly start: string | undefined
  readonly boot: string | undefined
  /** Of this one lock. */
  readonly nonce: string
}

/** A file that is empty for so long, ms, is not being written any more. */
const unwritten = 60_000

/**
 * Makes this process the owner of a home: `run/lock` says who it is.
 *
 * The lock of a process that has ended, however it ended, is taken over; of several that try at once, exactly one wins.
 *
 * @throws {HomeLocked} a live process has it
 */
export async function lockHome(home: Home): Promise<HomeLock> {
  await mkdir(home.run(), { recursive: true, mode: 0o700 })
  const path = home.run('lock')
  const me: Holder = { pid: process.pid, start: startOf(process.pid), boot: bootId(), nonce: randomUUID() }
  const mine = home.run(`.lock-${me.nonce}`)
  try {
    await writeFile(mine, `${JSON.stringify(me)}\n`, { mode: 0o600 })
    await acquire(path, mine, home)
  } finally {
    await rm(mine, { force: true })
  }
  // What can't be removed now is removed by a later one.
  await removeLeftBehind(home).catch(() => {})
  return {
    async release() {
      if ((await holderOf(path))?.nonce === me.nonce) await rm(path, { force: true })
    },
  }
}

/**
 * Makes `path` a link to the file `mine`, which is complete already, so that no one ever reads half a lock.
 *
 * A stale lock must be replaced by one process only. Its successor is found by the same means: whoever acquires the
 * name made of the stale lock's nonce may replace that lock, and does so with the rename that ends its claim. A claim
 * left by a process that was killed in between is itself a stale lock.
 */
async function acquire(path: string, mine: string, home: Home): Promise<void> {
  for (;;) {
    try {
      return await link(mine, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await holderOf(path)
    if (holder === undefined) continue
    if (isAlive(holder)) throw new HomeLocked(home.root, holder.pid)
    const claim = home.run(`.lock-after-${holder.nonce}`)
    await acquire(claim, mine, home)
    // Another may have replaced the stale lock before the claim was free to be made.
    if ((await holderOf(path))?.nonce === holder.nonce) return await rename(claim, path)
    await rm(claim, { force: true })
  }
}

/**
 * What the owner before has half written, and what those have left who were killed while they tried. One who tries at this
 * moment is alive, or hasn't written yet.
 */
async function removeLeftBehind(home: Home): Promise<void> {
  const names = await readdir(home.run())
  for (const name of names.filter(isHalf)) await rm(home.run(name), { force: true })
  for (const path of names.filter((name) => name.startsWith('.lock-')).map((name) => home.run(name))) {
    const holder = await holderOf(path)
    if (holder === undefined || isAlive(holder)) continue
    const written = holder.pid > 0 || (await ageOf(path)) > unwritten
    if (written) await rm(path, { force: true })
  }
}

/** Undefined when there is no lock. One that can't be read was cut off by a power failure: no live process wrote it. */
async function holderOf(path: string): Promise<Holder | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { pid, start, boot, nonce } = JSON.parse(text)
    if (Number.isInteger(pid) && typeof nonce === 'string' && /^[\w-]+$/.test(nonce)) return { pid, start, boot, nonce }
  } catch {}
  return { pid: 0, start: undefined, boot: undefined, nonce: 'unreadable' }
}

/** Milliseconds since it was written; 0 when it is gone. */
async function ageOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  )
}

function isAlive({ pid, start, boot }: Holder): boolean {
  if (pid <= 0 || boot !== bootId()) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === start
}

/** Field 22 of /proc/<pid>/stat; the name before it may hold spaces and brackets. A zombie has ended. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return undefined
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return undefined
  }
}
