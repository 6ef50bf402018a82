import { setTimeout as delay } from 'node:timers/promises'
import type { NodeLog } from '../container/node-log.ts'
import type { Health } from './health.ts'

/** Says that the node is ready no more, and resolves when others have had `settle` milliseconds to see it. */
export async function leave(health: Pick<Health, 'leave'>, settle: number, log: NodeLog): Promise<void> {
  health.leave()
  if (settle === 0) return
  log.info({ settle }, 'the node is ready no more; calls are served as ever until others have seen that')
  await delay(settle)
}

/** Tells of connections whose answers did not end in time. */
export function tellCut(cut: number, log: NodeLog): void {
  if (cut > 0) log.warn({ cut }, `connections cut because they were still busy when the doors had to close: ${cut}`)
}
