import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages, packageVersion } from '../harness/install.ts'
import { freePort, startServer } from '../harness/server.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

const program = (folder: string): string => join(folder, 'node_modules', 'pm2', 'bin', 'pm2')
const bareEcho = new URL('bare/echo.mjs', import.meta.url).pathname

/** The bare echo under pm2, cluster of one: its daemon is a process of its own that is counted too. */
export const pm2: Peer = {
  id: 'pm2, cluster of 1',
  async install({ source, folder, tell }) {
    installPackages(source, folder, tell)
  },
  version: ({ folder }) => `pm2 ${packageVersion(folder, 'pm2')}`,
  async start({ folder, cores, stops }, size) {
    const port = await freePort()
    const home = join(folder, 'home')
    const daemon = join(home, 'pm2.pid')
    const environment = { PM2_HOME: home, PORT: String(port) }
    return startServer(
      {
        name: 'pm2, cluster of 1',
        command: process.execPath,
        args: [program(folder), 'start', bareEcho, '-i', '1', '--name', 'echo'],
        cwd: folder,
        environment,
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
        detaches: true,
        others: () => (existsSync(daemon) ? [Number(readFileSync(daemon, 'utf8'))] : []),
        stop: () => {
          const options = { env: { ...process.env, ...environment }, stdio: 'ignore', timeout: 20_000 } as const
          execFileSync(process.execPath, [program(folder), 'kill'], options)
        },
      },
      stops,
    )
  },
}
