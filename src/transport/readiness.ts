import type { InstanceView, NodeView } from '../container/views.ts'

/** When a node says that it is ready. Times are milliseconds. */
export interface HealthPolicy {
  /** What must be ready besides the node: `node` for nothing, `all`, or GAR IDs. */
  readonly needs: readonly string[]
  /** After so long a node is ready though some of its instances haven't settled since it started. */
  readonly start: number
  /** How long calls are served as ever after the node has said that it is ready no more, when it is stopped. */
  readonly settle: number
}

/** The answer of `/readyz`. */
export interface Readiness {
  readonly ready: boolean
  /** What keeps the node from being ready; absent when nothing does. */
  readonly why?: string
  readonly policy: readonly string[]
  readonly node: NodeView['state']
  readonly instances: readonly {
    readonly garId: string
    /** `Class/Name`, once it has registered. */
    readonly name?: string
    readonly state: string
    /** Whether the policy asks for it. */
    readonly needed: boolean
  }[]
}

/**
 * Whether calls should be sent here. It follows from what the node knows of its instances: none of them is asked, so that
 * one which is stuck delays nobody.
 *
 * @param leaving the node is about to stop
 */
export function readinessOf(
  node: NodeView,
  views: readonly InstanceView[],
  policy: HealthPolicy,
  { leaving, now }: { readonly leaving: boolean; readonly now: number },
): Readiness {
  const isNeeded = ({ garId, desired }: InstanceView): boolean =>
    policy.needs.includes(garId) || (policy.needs.includes('all') && desired === 'ready')
  const why = leaving || node.state === 'stopping' ? 'the node stops' : whyNot(node, views, policy, isNeeded, now)
  return {
    ready: why === undefined,
    ...(why === undefined ? {} : { why }),
    policy: policy.needs,
    node: leaving ? 'stopping' : node.state,
    instances: views.map((view) => ({
      garId: view.garId,
      ...(view.serviceClass === undefined ? {} : { name: `${view.serviceClass}/${view.serviceName}` }),
      state: view.state,
      needed: isNeeded(view),
    })),
  }
}

function whyNot(
  node: NodeView,
  views: readonly InstanceView[],
  { needs, start }: HealthPolicy,
  isNeeded: (view: InstanceView) => boolean,
  now: number,
): string | undefined {
  if (node.state === 'starting' && now - Date.parse(node.startedAt) < start) return 'the node starts'
  const missing = needs.find((need) => need !== 'node' && need !== 'all' && !views.some(({ garId }) => garId === need))
  if (missing !== undefined) return `${missing} is not deployed`
  const behind = views.find((view) => isNeeded(view) && view.state !== 'ready')
  return behind && `${behind.garId} is ${behind.state}`
}
