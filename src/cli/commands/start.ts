import { existsSync } from 'node:fs'
import type { NodeView } from '../../container/views.ts'
import { Home } from '../../store/home.ts'
import { type Context, command, type ExitCode } from '../command.ts'
import { startDetached } from '../detached.ts'
import { wholeNumber } from '../numbers.ts'
import type { ComposedNode, StartOverrides } from '../roof.ts'
import { duration } from '../text.ts'

const ports = { from: 0, to: 65_535 }

export const start = command({
  name: 'start',
  summary: 'Start the node of a home; the home is made when it is not there.',
  details:
    'In front it stays until SIGTERM or SIGINT: calls in flight end first; a second signal ends it at once. ' +
    'With --detach it goes on by itself, and the command ends when all that was deployed is ready again or has failed; ' +
    'with --no-wait as soon as it answers.',
  options: {
    '--detach': 'go on in the background',
    '--port <port>': 'HTTPS port; else as etc/dhn.cfg says, else 8443; 0 takes a free one',
    '--host <name>': 'the name by which clients know this machine; else as etc/dhn.cfg says',
    '--nosec': 'serve open services on plain HTTP too, to this machine only unless etc/dhn.cfg says otherwise',
    '--nosec-port <port>': 'plain HTTP port; else as etc/dhn.cfg says, else 8080; 0 takes a free one',
  },
  examples: [
    { command: 'dhn start --nosec', does: 'in front, HTTPS on 8443 and HTTP on 8080' },
    { command: 'dhn start --detach --port 0 --json', does: 'in the background on a free port; prints where' },
  ],
  async run(_, chosen, context) {
    const overrides: StartOverrides = {
      ...given('host', chosen.host),
      ...given('port', wholeNumber('--port', chosen.port, ports)),
      ...(chosen.nosec || chosen.nosecPort !== undefined ? { nosec: true } : {}),
      ...given('nosecPort', wholeNumber('--nosec-port', chosen.nosecPort, ports)),
    }
    await makeHome(context)
    if (chosen.detach) return startDetached(overrides, context)
    const node = await context.roof.composeNode(context.home, overrides)
    const signalled = stopOnSignal(node, context)
    try {
      tellWhere(await node.start(), context)
    } catch (error) {
      if (signalled.yet) return signalled.stopped
      await node.stop()
      throw error
    }
    return signalled.stopped
  },
})

const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value }

async function makeHome({ home, output, roof }: Context): Promise<void> {
  if (existsSync(new Home(home).etc('dhn.cfg'))) return
  await roof.initializeHome(home, {})
  output.tell(`made a home at ${home}; settings are in etc/dhn.cfg`)
}

function tellWhere(view: NodeView, { output }: Context): void {
  output.result(view, ({ addresses }) => addresses.join('\n'))
  output.tell(`process ${view.pid} is running; SIGTERM or Ctrl-C stops it`)
}

interface Signalled {
  /** Whether a signal has come. */
  yet: boolean
  /** Resolves when a signal has come and the node has stopped, with the exit code. */
  readonly stopped: Promise<ExitCode>
}

function stopOnSignal(node: ComposedNode, { output }: Context): Signalled {
  const signalled = { yet: false, stopped: Promise.resolve<ExitCode>(0) }
  signalled.stopped = new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      if (signalled.yet) {
        output.tell(`${signal} again: ending at once`)
        process.exit(1)
      }
      signalled.yet = true
      output.tell(`${signal}: calls in flight may end, then the node stops; once more ends it at once`)
      const begun = Date.now()
      node.stop().then(
        () => {
          output.tell(`stopped in ${duration(Date.now() - begun)}`)
          resolve(0)
        },
        (error: unknown) => {
          output.error(error)
          resolve(1)
        },
      )
    }
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  })
  return signalled
}
