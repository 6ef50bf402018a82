import type { Home } from '../store/home.ts'
import { lockHome } from '../store/lock.ts'
import { Store } from '../store/store.ts'
import type { NodeLog } from './node-log.ts'

/**
 * Makes this process the owner of a home and opens its store.
 *
 * @throws {HomeLocked} another process owns it
 * @throws {StoreNewer | StoreUnreadable}
 */
export async function ownHome(
  home: Home,
  version: string,
  log: NodeLog,
): Promise<{ readonly store: Store; release(): Promise<void> }> {
  const lock = await lockHome(home)
  try {
    const store = await Store.open(home.var('store'), {
      dhn: version,
      onProblem: (error) => log.error({ error: { code: error.code, message: error.message } }, 'a note was not kept'),
    })
    return {
      store,
      async release() {
        await store.close()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}
