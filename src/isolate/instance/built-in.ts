import { createRequire } from 'node:module'
import { loadavg, uptime } from 'node:os'
import { type ReturnStructure, S_OK } from '../../service/return-structure.ts'

/** The methods that every service has without writing them; anyone may call them. */
export const builtIn: ReadonlyMap<string, (service: string, args: readonly unknown[]) => ReturnStructure> = new Map([
  ['ping', (service: string) => S_OK(ping(service))],
  ['echo', (_service: string, [data]: readonly unknown[]) => S_OK(data ?? null)],
])

const startedAt = new Date()
let version: string | undefined

/**
 * What DIRAC's `ping` says, key by key. What the children of the process used can't be known here and is 0.
 *
 * @see dirac-https.md 5
 */
function ping(service: string): Record<string, unknown> {
  version ??= createRequire(import.meta.url)('../../../package.json').version as string
  const used = process.cpuUsage()
  return {
    version,
    time: new Date(),
    'host uptime': Math.floor(uptime()),
    'service start time': startedAt,
    'service uptime': Math.floor((Date.now() - startedAt.getTime()) / 1000),
    load: loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
    name: service,
    'cpu times': {
      'user time': used.user / 1e6,
      'system time': used.system / 1e6,
      'children user time': 0,
      'children system time': 0,
      'elapsed real time': uptime(),
    },
  }
}
