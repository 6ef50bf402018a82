import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Home } from '../../src/store/home.ts'
import { lockHome } from '../../src/store/lock.ts'
import { Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/temporary.ts'

const writer = fileURLToPath(new URL('../fixtures/store-writer.mjs', import.meta.url))

/** Runs a writer, kills it `after` milliseconds after its first acknowledgement; what it had acknowledged. */
async function killed(root: string, from: number, after: number): Promise<number[]> {
  const child = spawn(process.execPath, [writer, root, String(from), '8'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: number[] = []
  const lines = createInterface({ input: child.stdout })
  const first = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line === 'open') return
      acknowledged.push(Number(line))
      resolve()
    })
  })
  await Promise.race([first, once(child, 'exit')])
  await sleep(after)
  child.kill('SIGKILL')
  await once(child, 'close')
  return acknowledged
}

describe('a process killed while it writes', () => {
  it('loses nothing that it acknowledged, leaves no half of a change, and its home can be taken over', async () => {
    const runs = 16
    const homes = [temporaryFolder(), temporaryFolder()]
    const lost: unknown[] = []
    let total = 0
    await Promise.all(
      homes.map(async (root) => {
        let next = 1
        for (let run = 0; run < runs; run++) {
          const acknowledged = await killed(root, next, Math.random() * 40)
          const lock = await lockHome(new Home(root))
          const store = await Store.open(new Home(root).var('store'))
          // The newest of each GAR are kept, 7 GARs of 50 versions, so the last 300 acknowledged must be there.
          for (const number of acknowledged.slice(-300)) {
            if (!store.history(`gar-${number % 7}`).some((version) => version.number === number)) lost.push(number)
          }
          for (const { garId, live, digest } of store.deployments()) {
            const [newest] = store.history(garId)
            if (newest?.number !== live || newest.digest !== digest || store.report(newest.operation) === undefined) {
              lost.push({ garId, live, newest })
            }
          }
          next = Math.max(...store.histories().map(({ number }) => number)) + 1
          total += acknowledged.length
          await store.close()
          await lock.release()
        }
      }),
    )
    expect(lost).toEqual([])
    expect(total).toBeGreaterThan(homes.length * runs)
  }, 60_000)
})
