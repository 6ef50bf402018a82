import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Context, command, type ExitCode } from '../command.ts'
import { NodeLost, NodeNotRunning, NodeUnreachable, StillStopping } from '../errors.ts'
import { isAlive } from '../processes.ts'

/** Seconds that a node gets to drain and stop when `--timeout` doesn't say. */
const patience = 60

export const stop = command({
  name: 'stop',
  summary: 'Stop the node: calls in flight end first, then the instances, then the process.',
  details:
    'What was deployed, ready or disabled comes back as it was at the next start. Nothing to stop is no failure.',
  examples: [
    { command: 'dhn stop', does: 'wait until its process is gone' },
    { command: 'dhn stop --timeout 10', does: 'give up waiting after 10 s' },
  ],
  async run(_, __, context) {
    if (context.elsewhere !== undefined) return stopElsewhere(context)
    const { home, node, output, wait, timeout } = context
    const running = await node.stop().catch((error: unknown) => {
      if (error instanceof NodeNotRunning && existsSync(home)) return undefined
      throw error
    })
    if (running === undefined) {
      output.tell(`no node is running at ${home}`)
      output.result({ stopped: false }, () => '')
      return 0
    }
    const { pid } = running
    output.working(`process ${pid} is stopping`)
    const seconds = wait === false ? 0 : (timeout ?? patience)
    const giveUp = Date.now() + seconds * 1000
    while (seconds > 0 && isAlive(pid)) {
      if (Date.now() > giveUp) throw new StillStopping(pid, seconds)
      await pause(30)
    }
    output.tell(wait === false ? `process ${pid} is stopping` : `process ${pid} has stopped`)
    output.result({ stopped: true, pid }, () => '')
    return 0
  },
})

/** A node whose process can't be looked at has stopped when its doors are shut. */
async function stopElsewhere({ node, output, elsewhere, wait, timeout = patience }: Context): Promise<ExitCode> {
  const { pid } = await node.stop()
  const giveUp = Date.now() + timeout * 1000
  while (wait !== false && (await node.view().then(Boolean, gone))) {
    if (Date.now() > giveUp) throw new StillStopping(pid, timeout)
    await pause(100)
  }
  output.tell(`${elsewhere} ${wait === false ? 'is stopping' : 'has stopped'}`)
  output.result({ stopped: true, pid }, () => '')
  return 0
}

/** A door that is being shut cuts, or takes no connection. */
function gone(error: unknown): false {
  if (error instanceof NodeUnreachable || error instanceof NodeLost) return false
  throw error
}
