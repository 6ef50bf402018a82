import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { listOf } from '../../cfg/cfg.ts'
import { Home } from '../../store/home.ts'
import { type Context, command } from '../command.ts'
import { startDetached } from '../detached.ts'
import { startInFront } from '../in-front.ts'
import { wholeNumber } from '../numbers.ts'
import type { StartOverrides } from '../roof.ts'

const ports = { from: 0, to: 65_535 }

export const start = command({
  name: 'start',
  summary: 'Start the node of a home; the home is made when it is not there.',
  local: true,
  details:
    'In front it stays until SIGTERM or SIGINT: calls in flight end first; a second signal ends it at once. ' +
    'With --detach it goes on by itself, and the command ends when all that was deployed is ready again or has failed; ' +
    'with --no-wait as soon as it answers.',
  options: {
    '--detach': 'go on in the background',
    '--port <port>': 'HTTPS port; else as etc/dhn.cfg says, else 8443; 0 takes a free one',
    '--host <name>': 'the name by which clients know this machine; else as etc/dhn.cfg says',
    '--nosec': 'serve open services on plain HTTP too, to this machine only unless etc/dhn.cfg says otherwise',
    '--cfg <file...>': 'a configuration file that wins over those of the node; may be given again',
    '-o, --option <path=value...>': 'an option of the configuration, such as /DHN/Log/Level=warn; may be given again',
    '--services <names>':
      'of the services of the configuration only these, such as Samples/Echo,Samples/Other:9443, each with its own port if it wants one',
    '--debug': 'log more, and start a service of the configuration again when its module changes',
    '--nosec-port <port>': 'plain HTTP port; else as etc/dhn.cfg says, else 8080; 0 takes a free one',
  },
  examples: [
    { command: 'dhn start --nosec', does: 'in front, HTTPS on 8443 and HTTP on 8080' },
    {
      command: 'dhn start --cfg samples.cfg --services Samples/Echo --debug',
      does: 'develop a service that a configuration describes',
    },
    { command: 'dhn start --detach --port 0 --json', does: 'in the background on a free port; prints where' },
  ],
  async run(_, chosen, context) {
    const overrides: StartOverrides = {
      ...given('host', chosen.host),
      ...given('port', wholeNumber('--port', chosen.port, ports)),
      ...(chosen.nosec || chosen.nosecPort !== undefined ? { nosec: true } : {}),
      ...(chosen.cfg.length > 0 ? { files: chosen.cfg.map((file) => resolve(file)) } : {}),
      ...(chosen.option.length > 0 ? { settings: chosen.option } : {}),
      ...given('services', chosen.services === undefined ? undefined : listOf(chosen.services)),
      ...(chosen.debug ? { debug: true } : {}),
      ...given('nosecPort', wholeNumber('--nosec-port', chosen.nosecPort, ports)),
    }
    await makeHome(context)
    return chosen.detach ? startDetached(overrides, context) : startInFront(overrides, context)
  },
})

const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value }

async function makeHome({ home, output, roof }: Context): Promise<void> {
  if (existsSync(new Home(home).etc('dhn.cfg'))) return
  await roof.initializeHome(home, {})
  output.tell(`made a home at ${home}; settings are in etc/dhn.cfg`)
}
