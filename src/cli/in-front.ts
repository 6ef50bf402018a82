import type { Context, ExitCode } from './command.ts'
import type { ComposedNode, StartOverrides } from './roof.ts'
import { ServiceManager } from './service-manager.ts'
import { duration, plain } from './text.ts'

/** Runs the node in this process, tells what happens in it, and resolves when it has stopped, whoever stopped it. */
export async function startInFront(overrides: StartOverrides, context: Context): Promise<ExitCode> {
  const { environment, home, output, roof } = context
  const manager = new ServiceManager(environment, (message) => output.tell(message))
  let node: ComposedNode | undefined
  let stopping: number | undefined
  const stop = (who: string): void => {
    if (stopping !== undefined) {
      output.tell(`${who} again: ending at once`)
      process.exit(1)
    }
    stopping = Date.now()
    manager.stopping()
    output.tell(`${who}: calls in flight may end, then the node stops; once more ends it at once`)
    void node?.stop()
  }
  node = await roof.composeNode(home, {
    ...overrides,
    tell: (_, message, facts) => output.tell(storyLine(message, facts)),
    stopRequested: () => stop('dhn stop'),
    opened: () => manager.ready(() => statusOf(node)),
  })
  process.on('SIGTERM', stop).on('SIGINT', stop)
  try {
    const view = await node.start()
    manager.status(statusOf(node))
    output.result(view, ({ addresses }) => addresses.join('\n'))
    output.tell(`process ${view.pid} is running; SIGTERM or Ctrl-C stops it`)
  } catch (error) {
    // A start that is interrupted ends like this as well, and is then no failure.
    if (stopping === undefined) throw error
  }
  await node.stopped
  output.tell(`stopped in ${duration(Date.now() - (stopping ?? Date.now()))}`)
  return 0
}

/** `2 of 3 running instances are ready`. */
function statusOf(node: ComposedNode | undefined): string {
  const { instances = {} } = node?.node?.view() ?? {}
  const all = Object.values(instances).reduce((sum, count) => sum + count, 0)
  return `${instances.ready ?? 0} of ${all} running instances are ready`
}

/** `an operation ended  type=DEPLOY garId=x outcome=failed cause=no database`: what is no text or number is left to the log. */
function storyLine(message: string, facts: object): string {
  const shown = Object.entries(facts).flatMap(([name, fact]) => {
    const value = typeof fact === 'object' && fact !== null && 'message' in fact ? fact.message : fact
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${value}`] : []
  })
  return plain(shown.length === 0 ? message : `${message}: ${shown.join(' ')}`)
}
