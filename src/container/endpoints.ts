import { injectable } from 'inversify'
import type { CallRing } from './call-ring.ts'
import type { ServiceRules } from './service-rules.ts'
import type { Traffic } from './traffic.ts'

/**
 * One address that is served here. It outlives incarnations: a door that found it while the head of a request arrived
 * may send the call after an upgrade has switched, and then meets the new incarnation.
 */
export interface Endpoint {
  /** The pathname, such as `/Samples/Echo`. */
  readonly path: string
  /** Undefined once nothing is served here any more. */
  target: Target | undefined
}

/** What serves an address at present: one WSDD service of one incarnation. */
export interface Target {
  readonly garId: string
  readonly service: string
  /** Its place in the WSDD's order. */
  readonly index: number
  readonly secure: boolean
  /** What the registration offers and the WSDD allows; set when the incarnation has registered. */
  methods: ReadonlySet<string>
  /** Whether its calls are to say where they come from; set with `methods`. */
  asksOrigin?: boolean
  /** Whether callers without a certificate are let in where a rule lets everybody in; set with `methods`. */
  takesVisitors?: boolean
  /** Whether callers may show a token instead of a certificate; set with `methods`. */
  takesTokens?: boolean
  /** Who may call: set with `methods` for a secure service, and for an open one that has a security descriptor. */
  rules?: ServiceRules
  readonly traffic: Traffic
  /** Where its calls are noted; undefined where they aren't. */
  readonly calls?: CallRing | undefined
}

export const addressOf = (service: string): string => `/${service}`

/** Every address of the node. What one switch changes is changed within one tick. */
@injectable()
export class EndpointTable {
  readonly #endpoints = new Map<string, Endpoint>()
  #switched: (garId: string, targets: readonly Target[]) => void = () => {}

  find(path: string): Endpoint | undefined {
    return this.#endpoints.get(path)
  }

  /** Makes `targets` all that is served of this GAR; addresses it had before and that aren't among them end. */
  switch(garId: string, targets: readonly Target[]): void {
    const kept = new Set(targets.map((target) => addressOf(target.service)))
    for (const [path, endpoint] of this.#endpoints) {
      if (endpoint.target?.garId !== garId || kept.has(path)) continue
      endpoint.target = undefined
      this.#endpoints.delete(path)
    }
    for (const target of targets) {
      const path = addressOf(target.service)
      const endpoint = this.#endpoints.get(path)
      if (endpoint === undefined) this.#endpoints.set(path, { path, target })
      else endpoint.target = target
    }
    this.#switched(garId, targets)
  }

  /** `listener` hears of each switch, within its tick; there is one at most. */
  onSwitch(listener: (garId: string, targets: readonly Target[]) => void): void {
    this.#switched = listener
  }

  paths(): readonly string[] {
    return [...this.#endpoints.keys()].sort()
  }
}
