import type { NodeClient } from '../../../src/cli/node-client.ts'
import type { DeploymentReport } from '../../../src/container/views.ts'
import { type ErrorData, errorAsData } from '../../../src/service/errors.ts'
import type { GarState, Model } from './model.ts'
import type { Gar, Version } from './services.ts'

/** Something that is asked of a node, and what is true afterwards if it does it. */
export interface Operation {
  readonly garId: string
  readonly what: 'deploy' | 'rollback' | 'undeploy' | 'restart' | 'enable' | 'disable'
  readonly version?: Version
  readonly after: GarState
}

/** `doubt`: the node went away before it said. */
export interface Outcome {
  readonly said: 'done' | 'unchanged' | 'refused' | 'doubt'
  readonly error?: ErrorData
  /** Once the node has given it a number. */
  readonly operation?: string
}

/** An operation in doubt whose number is known. */
export interface Doubt {
  readonly operation: Operation
  readonly id: string
  readonly before: GarState
}

const limit = 60_000
const gone: readonly string[] = ['DHN_NODE_NOT_RUNNING', 'DHN_NODE_LOST']

/** Asks, waits for the end, and tells the model. */
export async function perform(client: NodeClient, model: Model, asked: Operation): Promise<Outcome> {
  const { garId, after } = asked
  const before = model.known(garId)
  model.begin(garId, after)
  const outcome = await ask(client, asked)
  if (outcome.said === 'done' || outcome.said === 'unchanged') model.settle(garId, after)
  if (outcome.said === 'refused') model.settle(garId, before)
  return outcome
}

async function ask(client: NodeClient, { garId, what, version }: Operation): Promise<Outcome> {
  let id: string | undefined
  try {
    if (what === 'enable' || what === 'disable') {
      await client[what](garId, limit)
      return { said: 'done' }
    }
    const begun =
      what === 'deploy'
        ? await client.deploy(version as Version, { mode: 'open', lenient: false })
        : await client[what](garId)
    id = begun.operation
    return { ...outcomeOf(await lastReport(client, id)), operation: id }
  } catch (error) {
    const data = errorAsData(error)
    return { said: gone.includes(data.code) ? 'doubt' : 'refused', error: data, ...(id && { operation: id }) }
  }
}

async function lastReport(client: NodeClient, id: string): Promise<DeploymentReport> {
  let last: DeploymentReport | undefined
  for await (const report of client.follow(id, AbortSignal.timeout(limit))) last = report
  return last as DeploymentReport
}

function outcomeOf({ outcome, cause }: DeploymentReport): Outcome {
  if (outcome === 'failed') return { said: 'refused', ...(cause && { error: cause }) }
  return { said: outcome ?? 'doubt' }
}

export function deployOf(model: Model, version: Version): Operation {
  const before = model.known(version.garId)
  const after = version.bad ? before : { label: version.label, desired: before?.desired ?? 'ready' }
  return { garId: version.garId, what: 'deploy', version, after }
}

/** The rollback of a GAR ID, as the node plans it; undefined when there is nothing to go back to. */
export async function rollbackOf(client: NodeClient, model: Model, gar: Gar): Promise<Operation | undefined> {
  const before = model.known(gar.garId)
  if (before === undefined) return undefined
  const { outcome, to } = await client.planRollback(gar.garId)
  const target = gar.versions.find(({ digest, bad }) => digest === to?.digest && !bad)
  if (outcome === 'impossible' || target === undefined) return undefined
  return { garId: gar.garId, what: 'rollback', after: { ...before, label: target.label } }
}

export function undeployOf({ garId }: Gar): Operation {
  return { garId, what: 'undeploy', after: undefined }
}

export function restartOf(model: Model, { garId }: Gar): Operation {
  return { garId, what: 'restart', after: model.known(garId) }
}

export function desireOf(model: Model, { garId }: Gar, desired: 'ready' | 'disabled'): Operation {
  const state = model.known(garId)
  return { garId, what: desired === 'ready' ? 'enable' : 'disable', after: state && { ...state, desired } }
}
