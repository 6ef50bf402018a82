import type { NodeClient } from '../../../src/cli/node-client.ts'
import type { Model } from '../harness/model.ts'
import { deployOf, desireOf, type Operation, restartOf, rollbackOf, undeployOf } from '../harness/operations.ts'
import type { Random } from '../harness/random.ts'
import type { Gar, Version } from '../harness/services.ts'

type What = Operation['what']

/** How often each is chosen, of 100. */
const weights: readonly (readonly [What, number])[] = [
  ['deploy', 50],
  ['rollback', 15],
  ['undeploy', 12],
  ['restart', 9],
  ['disable', 7],
  ['enable', 7],
]

/** The services of which something can be asked now. */
export interface Situation {
  readonly client: NodeClient
  readonly model: Model
  readonly gars: readonly Gar[]
}

/**
 * Something that the node can do now, chosen at random.
 *
 * @param wanted rather this, where it is possible
 */
export async function nextOperation(
  random: Random,
  { client, model, gars }: Situation,
  wanted?: What,
): Promise<Operation> {
  for (;;) {
    const gar = random.pick(gars) as Gar
    const state = model.known(gar.garId)
    const what = wanted !== undefined && random.chance(0.8) ? wanted : choose(random)
    if (what === 'deploy' || state === undefined) {
      if (!canStart(gar, gars, model)) continue
      // Where it is to come up disabled, nobody would notice that it is a bad one.
      const bad = state?.desired !== 'disabled' && random.chance(0.1)
      const version = random.pick(gar.versions.filter((one) => one.bad === bad)) as Version
      return deployOf(model, version)
    } else if (what === 'rollback') {
      const rollback = await rollbackOf(client, model, gar)
      if (rollback !== undefined) return rollback
      wanted = undefined
    } else if (what === 'undeploy') return undeployOf(gar)
    else if (what === 'restart') return restartOf(model, gar)
    else return desireOf(model, gar, what === 'enable' ? 'ready' : 'disabled')
  }
}

function choose(random: Random): What {
  let rest = random.whole(1, 100)
  for (const [what, weight] of weights) {
    rest -= weight
    if (rest <= 0) return what
  }
  return 'deploy'
}

/** Who uses the shared package needs one that is there: its owner's, or the one it uses already. */
function canStart({ garId, usesStubs, bringsStubs }: Gar, gars: readonly Gar[], model: Model): boolean {
  if (!usesStubs || bringsStubs) return true
  return gars.some((one) => one.usesStubs && model.known(one.garId) !== undefined) || model.known(garId) !== undefined
}
