import { chmod, lchown, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PlaceUserShutOut } from '../isolate/place-errors.ts'
import type { ServiceUser } from '../isolate/service-user.ts'
import type { Home } from '../store/home.ts'

/** What a service as another user needs of the disk. */
export interface Needs {
  /** Read, never written. */
  readonly directory: string
  /** Its own. */
  readonly persistentDirectory: string
  /** Read; not made ready here, as it is open to everybody or not the node's. */
  readonly others: readonly string[]
}

/**
 * Lets a service that runs as another user get at its deployment and its state, and shuts it out of the rest of the home.
 *
 * A folder on the way can be passed through, not listed. What was done for an earlier start isn't done again: the top of
 * a tree changes last.
 *
 * @throws {PlaceUserShutOut} a folder that isn't the node's is in the way
 */
export async function openToUser(home: Home, user: ServiceUser, needs: Needs): Promise<void> {
  for (const folder of [home.etc(), home.run(), home.archives(), home.staging(), home.log(), home.var('store')]) {
    await chmod(folder, 0o700).catch(whenThere)
  }
  if ((await stat(needs.directory)).gid !== user.gid) {
    await eachIn(needs.directory, async (path, mode) => {
      await lchown(path, 0, user.gid)
      if (mode !== undefined) await chmod(path, mode | ((mode & 0o500) >> 3))
    })
  }
  if ((await stat(needs.persistentDirectory)).uid !== user.uid) {
    await eachIn(needs.persistentDirectory, (path) => lchown(path, user.uid, user.gid))
  }
  for (const folder of [needs.directory, needs.persistentDirectory, ...needs.others]) await openWay(home, user, folder)
}

/** Whoever has a folder's number may look into it; those above it are passed through. */
async function openWay(home: Home, user: ServiceUser, folder: string): Promise<void> {
  for (let at = dirname(folder); ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const passes = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if ((mode & passes) === 0) {
      if (at !== home.root && !at.startsWith(`${home.root}/`)) throw new PlaceUserShutOut(user.uid, at)
      await chmod(at, (mode & 0o7777) | passes)
    }
    if (at === dirname(at)) return
  }
}

/** Depth first; the mode of a link is undefined, as it has none. */
async function eachIn(
  folder: string,
  change: (path: string, mode: number | undefined) => Promise<void>,
): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await eachIn(path, change)
    else await change(path, entry.isSymbolicLink() ? undefined : (await stat(path)).mode & 0o7777)
  }
  await change(folder, (await stat(folder)).mode & 0o7777)
}

function whenThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
