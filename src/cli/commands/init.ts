import { command } from '../command.ts'
import { count } from '../text.ts'

export const init = command({
  name: 'init',
  summary: "Make a node's home: configuration, host key and certificate.",
  local: true,
  details: 'What is there already stays as it is, so the command can be repeated.',
  options: { '--host-name <name>': 'the name by which clients know this machine (localhost)' },
  examples: [
    { command: 'dhn init', does: 'make ~/.dhn' },
    { command: 'dhn init --home /srv/dhn --host-name grid.example.org', does: 'make a home for a host of that name' },
  ],
  async run(_, { hostName }, { home, output, roof }) {
    const { created } = await roof.initializeHome(home, hostName === undefined ? {} : { hostName })
    output.tell(
      created.length === 0
        ? 'all of it was there already'
        : `made ${count(created.length, 'file')}; settings are in etc/dhn.cfg`,
    )
    output.result({ home, created }, () => home)
    return 0
  },
})
