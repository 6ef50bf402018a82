import type { TrafficLimits } from '../../container/traffic.ts'
import type { HttpLimits } from '../configuration.ts'

type NodeTraffic = TrafficLimits & { readonly nodeBytes: number }

/**
 * What one of `fronts` fronts may have of what the node may have: an equal share, rounded up, and never less than a single
 * call needs. All of them together have no less than the node would have alone.
 *
 * @param bodyLimit bytes of the largest call
 */
export function trafficShare({ calls, bytes, nodeBytes }: NodeTraffic, fronts: number, bodyLimit: number): NodeTraffic {
  const share = (limit: number, least: number): number => Math.min(limit, Math.max(least, Math.ceil(limit / fronts)))
  return { calls: share(calls, 1), bytes: share(bytes, bodyLimit), nodeBytes: share(nodeBytes, bodyLimit) }
}

/** Connections are counted where they are accepted. */
export function httpShare(limits: HttpLimits, fronts: number): HttpLimits {
  return { ...limits, unreadLimit: Math.ceil(limits.unreadLimit / fronts) }
}
