import { createRequire } from 'node:module'
import type { Call } from '../../service/caller.ts'
import { type ReturnStructure, S_OK } from '../../service/return-structure.ts'
import { Float } from '../../service/wire-values.ts'
import { hostFacts } from './host-facts.ts'

interface BuiltIn {
  /** Who may call it when neither the configuration nor the service says anything else. */
  readonly rule: readonly string[]
  /** How many arguments it takes; other calls of it fail. */
  readonly takes: number
  answer(facts: ServiceFacts, args: readonly unknown[], call: Call | undefined): ReturnStructure
}

export interface ServiceFacts {
  readonly name: string
  /** The time of its first request. */
  readonly startedAt: Date
}

/** The methods that every service has without writing them. */
export const builtIn: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['ping', { rule: ['all'], takes: 0, answer: (facts) => S_OK(ping(facts)) }],
  ['echo', { rule: ['all'], takes: 1, answer: (_facts, [data]) => S_OK(data) }],
  ['whoami', { rule: ['authenticated'], takes: 0, answer: (_facts, _args, call) => S_OK(call?.credentials ?? {}) }],
])

let version: string | undefined

/**
 * What DIRAC's `ping` says, key by key.
 *
 * @see dirac-https.md 5
 */
function ping({ name, startedAt }: ServiceFacts): Record<string, unknown> {
  version ??= createRequire(import.meta.url)('../../../package.json').version as string
  const { children, load, uptime } = hostFacts()
  const used = process.cpuUsage()
  return {
    version,
    time: new Date(),
    'host uptime': Math.floor(uptime),
    'service start time': startedAt,
    'service uptime': Math.floor((Date.now() - startedAt.getTime()) / 1000),
    load,
    name,
    'cpu times': {
      'user time': new Float(used.user / 1e6),
      'system time': new Float(used.system / 1e6),
      'children user time': new Float(children.user),
      'children system time': new Float(children.system),
      'elapsed real time': new Float(uptime),
    },
  }
}
