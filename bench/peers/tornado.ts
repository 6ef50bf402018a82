import { join } from 'node:path'
import { debianVersion, installDebian } from '../harness/install.ts'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

/** Tornado of Debian, one process. */
export const tornado: Peer = {
  id: 'Tornado, 1 process',
  async install({ tell }) {
    installDebian(['python3-tornado'], tell)
  },
  version: () => `python3-tornado ${debianVersion('python3-tornado')} on python3 ${debianVersion('python3')}`,
  async start({ source, folder, cores, stops }, size) {
    const port = await freePort()
    return startServer(
      {
        name: 'Tornado, 1 process',
        command: '/usr/bin/python3',
        args: [join(source, 'echo.py')],
        environment: { PORT: String(port) },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
}
