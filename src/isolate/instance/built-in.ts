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
  /** Set by `learnUrl`. */
  url?: string
}

/** The methods that every service has without writing them. */
export const builtIn: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ['ping', { rule: ['all'], takes: 0, answer: (facts, _args, call) => S_OK(ping(facts, call)) }],
  ['echo', { rule: ['all'], takes: 1, answer: (_facts, [data]) => S_OK(data) }],
  ['whoami', { rule: ['authenticated'], takes: 0, answer: (_facts, _args, call) => S_OK(call?.credentials ?? {}) }],
])

/** The service's address, which is the one by which it was called when it was asked for first. */
export function learnUrl(facts: ServiceFacts, call: Call): string {
  facts.url ??= `${call.base}/${facts.name}`
  return facts.url
}

let version: string | undefined

/**
 * What DIRAC's `ping` says, key by key: that of 9.1 says `URL` as well, which is told to its own clients alone.
 *
 * @see dirac-https.md 5
 */
function ping(facts: ServiceFacts, call: Call | undefined): Record<string, unknown> {
  version ??= createRequire(import.meta.url)('../../../package.json').version as string
  const { name, startedAt } = facts
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
    ...(call?.tellsURL ? { URL: learnUrl(facts, call) } : {}),
    'cpu times': {
      'user time': new Float(used.user / 1e6),
      'system time': new Float(used.system / 1e6),
      'children user time': new Float(children.user),
      'children system time': new Float(children.system),
      'elapsed real time': new Float(uptime),
    },
  }
}
