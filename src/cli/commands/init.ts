import { existsSync } from 'node:fs'
import { Home } from '../../store/home.ts'
import { command } from '../command.ts'

export const init = command({
  name: 'init',
  summary: "Make a node's home: configuration, host key and certificate.",
  details: 'What is there already stays as it is, so the command can be repeated.',
  options: { '--host-name <name>': 'the name in the host certificate; else the name of this machine' },
  examples: [
    { command: 'dhn init', does: 'make ~/.dhn' },
    { command: 'dhn init --home /srv/dhn --host-name grid.example.org', does: 'make a home for a host of that name' },
  ],
  async run(_, { hostName }, { home, output, roof }) {
    const there = existsSync(new Home(home).etc('dhn.cfg'))
    await roof.initializeHome(home, hostName === undefined ? {} : { hostName })
    output.tell(there ? 'it was there already' : 'made; settings are in etc/dhn.cfg')
    output.result({ home }, () => home)
    return 0
  },
})
