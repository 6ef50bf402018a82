import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Writes a file so that it is there whole, or not at all, also after a loss of power. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const made = `${path}.${randomUUID()}`
  const file = await open(made, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await moveDurably(made, path)
}

/** Both in one folder, or in folders that are there. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to)
  const folder = await open(dirname(to), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * Does some work while no other process of this machine does any under the same lock: two versions of a service run beside
 * each other during an upgrade. A lock whose holder is gone is broken.
 */
export async function whileLocked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + 10_000
  while (!(await taken(lock))) {
    if (Date.now() > giveUp) throw new Error(`${lock} is held by process ${await holderOf(lock)}`)
    await pause(10)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function taken(lock: string): Promise<boolean> {
  const mine = `${lock}.${randomUUID()}`
  await writeFile(mine, `${process.pid} ${await startOf(process.pid)}`, { mode: 0o600 })
  try {
    // With its holder in it from the first moment: a lock that says nothing could never be broken.
    await link(mine, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const holder = await holderOf(lock)
    if (holder !== '' && !(await isAlive(holder))) await rm(lock, { force: true })
    return false
  } finally {
    await rm(mine, { force: true })
  }
}

const holderOf = (lock: string): Promise<string> => readFile(lock, 'utf8').catch(() => '')

/** Numbers of processes are used again; with the time of its start one is known. */
async function isAlive(holder: string): Promise<boolean> {
  const [pid = '', start = ''] = holder.split(' ')
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return (await startOf(Number(pid))) === start
}

/** In ticks since the machine started; empty where the system doesn't tell. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? ''
}
