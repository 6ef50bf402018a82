import type { Manifest } from './manifest.ts'
import { NotStateless } from './plan-errors.ts'

/** What the operator says of how many places a service runs in. */
export interface InstanceRules {
  /** For each service that is stateless and isn't named. */
  readonly otherwise: number
  /** By GAR ID. */
  readonly of: ReadonlyMap<string, number>
}

/** More processes of one service are a typing error. */
export const mostInstances = 64

/** `<GAR ID>:<number>` of the configuration; undefined when it is anything else. */
export function instanceCount(item: string): readonly [garId: string, count: number] | undefined {
  const [, garId = '', digits] = /^(.+):(\d{1,2})$/.exec(item) ?? []
  const count = Number(digits)
  return count >= 1 && count <= mostInstances ? [garId, count] : undefined
}

type Asked = Pick<Manifest, 'garId' | 'stateless'>

/** In how many places a service runs: as many as the operator says when it is stateless, else in one. */
export function instancesOf(rules: InstanceRules | undefined, manifest: Asked): number {
  if (rules === undefined || manifest.stateless !== true) return 1
  return rules.of.get(manifest.garId) ?? rules.otherwise
}

/** Why a service can't run in as many places as the operator says of it by name; undefined when it can. */
export function instancesRefused(rules: InstanceRules | undefined, manifest: Asked): NotStateless | undefined {
  const asked = rules?.of.get(manifest.garId)
  if (asked === undefined || asked === 1 || manifest.stateless === true) return undefined
  return new NotStateless(manifest.garId, asked)
}
