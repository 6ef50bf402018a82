import { createRequire } from 'node:module'
import { loadavg, uptime } from 'node:os'
import { remoteCredentials } from '../../service/caller.ts'
import { type ReturnStructure, S_OK } from '../../service/return-structure.ts'

interface BuiltIn {
  /** Who may call it when the configuration says nothing else. */
  readonly rule: readonly string[]
  answer(service: string, args: readonly unknown[]): ReturnStructure
}

/** The methods that every service has without writing them. */
export const builtIn: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['ping', { rule: ['all'], answer: (service) => S_OK(ping(service)) }],
  ['echo', { rule: ['all'], answer: (_service, [data]) => S_OK(data ?? null) }],
  ['whoami', { rule: ['authenticated'], answer: () => S_OK(remoteCredentials()) }],
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
