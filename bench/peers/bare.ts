import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CallerCredentials, freePort, type RunningServer, startServer } from '../harness/server.ts'
import type { Stops } from '../harness/stops.ts'
import { jsonEcho } from './json-echo.ts'
import type { Peer } from './peer.ts'

const echo = fileURLToPath(new URL('bare/echo.mjs', import.meta.url))

/** What every bar is a ratio to: an echo with nothing but Node's own server. */
export const bare: Peer = {
  id: 'node:http, bare',
  async install() {},
  version: () => `node ${process.versions.node}`,
  async start({ folder, cores, stops }, size) {
    const port = await freePort()
    return startServer(
      {
        name: 'node:http, bare',
        command: process.execPath,
        args: [echo],
        environment: { PORT: String(port) },
        cpu: cores.server,
        request: jsonEcho(`http://127.0.0.1:${port}/echo`, size),
        log: join(folder, 'run.log'),
      },
      stops,
    )
  },
}

export interface SecureEcho {
  /** Files of the certificate and key that it serves with. */
  readonly host: { readonly certificate: string; readonly key: string }
  readonly caller: CallerCredentials
  readonly cpu: number
  readonly log: string
}

/** The same with Node's own HTTPS server, which asks for a certificate and doesn't look at it. */
export async function startSecureEcho({ host, caller, cpu, log }: SecureEcho, stops: Stops): Promise<RunningServer> {
  const port = await freePort()
  const name = 'node:https, bare'
  const environment = { PORT: String(port), HOST_CERTIFICATE: host.certificate, HOST_KEY: host.key }
  const request = { ...jsonEcho(`https://localhost:${port}/echo`, 200), tls: caller }
  return startServer({ name, command: process.execPath, args: [echo], environment, cpu, request, log }, stops)
}
