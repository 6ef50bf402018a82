import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Home } from '../../store/home.ts'
import { lockHome } from '../../store/lock.ts'
import { Store } from '../../store/store.ts'

/** What the store of a node that doesn't run says, by the name that it has in a bundle. */
export async function storedState(home: Home): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(home.var('store'))) return {}
  const lock = await lockHome(home)
  const copy = await mkdtemp(join(tmpdir(), 'dhn-support-'))
  try {
    await cp(home.var('store'), copy, { recursive: true })
    const store = await Store.open(copy)
    try {
      const { node } = store
      return {
        node,
        deployments: store.deployments(),
        histories: store.histories(),
        instances: store.instances(),
        reports: store.reports(),
        stubs: store.stubs(),
      }
    } finally {
      await store.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
    await lock.release()
  }
}
