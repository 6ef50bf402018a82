import { join } from 'node:path'
import { installPackages, packageVersion } from '../harness/install.ts'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

/** A peer that is a package of the registry and a program of one file, run by this Node. */
export const nodePeer = (id: string, file: string, packages: readonly string[]): Peer => ({
  id,
  async install({ source, folder, tell }) {
    installPackages(source, folder, tell)
  },
  version: ({ folder }) => packages.map((name) => `${name} ${packageVersion(folder, name)}`).join(', '),
  async start({ folder, cores, stops }, size) {
    const port = await freePort()
    return startServer(
      {
        name: id,
        command: process.execPath,
        args: [join(folder, file)],
        cwd: folder,
        environment: { PORT: String(port), NODE_ENV: 'production' },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
})
