import { join } from 'node:path'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

/** What every bar is a ratio to: an echo with nothing but Node's own server. */
export const bare: Peer = {
  id: 'node:http, bare',
  async install() {},
  version: () => `node ${process.versions.node}`,
  async start({ source, folder, cores, stops }, size) {
    const port = await freePort()
    return startServer(
      {
        name: 'node:http, bare',
        command: process.execPath,
        args: [join(source, 'echo.mjs')],
        environment: { PORT: String(port) },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
}
