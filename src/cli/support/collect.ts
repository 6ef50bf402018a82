import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { errorAsData } from '../../service/errors.ts'
import { Home } from '../../store/home.ts'
import { examine } from '../doctor/examine.ts'
import { NodeNotRunning } from '../errors.ts'
import type { NodeClient } from '../node-client.ts'
import type { Roof } from '../roof.ts'
import { homeFiles } from './home-files.ts'
import { redactValue } from './redact.ts'
import { storedState } from './stored-state.ts'

/**
 * Everything of a node that helps someone far away to see what is wrong with it, as texts by their path, secrets taken out.
 *
 * What can't be had is named in `problems.json`, and is no reason to go without the rest.
 */
export async function collect(root: string, node: NodeClient, roof: Roof): Promise<ReadonlyMap<string, string>> {
  const home = new Home(root)
  const files = new Map<string, string>()
  const problems: unknown[] = []
  const json = (path: string, value: unknown): void => {
    files.set(path, `${JSON.stringify(redactValue(value), undefined, 2)}\n`)
  }
  const attempt = async <T>(part: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      problems.push({ part, error: errorAsData(error) })
      return undefined
    }
  }
  json('versions.json', versions(roof.version))
  const findings = await attempt('doctor', () => examine(root, node, roof))
  if (findings !== undefined) json('doctor.json', findings)
  const state = await attempt('state', () => stateOf(home, node))
  for (const [name, value] of Object.entries(state ?? {})) json(`state/${name}.json`, value)
  for (const { path, text } of (await attempt('files', () => homeFiles(home))) ?? []) files.set(path, text)
  if (problems.length > 0) json('problems.json', problems)
  return files
}

const versions = (dhn: string) => ({
  at: new Date().toISOString(),
  dhn,
  node: process.version,
  openssl: process.versions.openssl,
  system: `${platform()} ${release()} ${arch()}`,
  processors: cpus().length,
  load: loadavg(),
  memoryBytes: totalmem(),
})

/** From the node, or from the store of one that doesn't run. */
async function stateOf(home: Home, client: NodeClient): Promise<Readonly<Record<string, unknown>>> {
  try {
    const [node, deployments, instances, reports, stubs] = await Promise.all([
      client.view(),
      client.list(),
      client.instances(true),
      client.operations(),
      client.stubs(),
    ])
    const garIds = deployments.map(({ garId }) => garId)
    const histories = await Promise.all(garIds.map((garId) => client.history(garId)))
    const flights = await Promise.all(instances.map(({ garId }) => client.flight(garId)))
    return { node, deployments, instances, reports, stubs, histories, flights: flights.map(({ now }) => now) }
  } catch (error) {
    if (!(error instanceof NodeNotRunning)) throw error
    return await storedState(home)
  }
}
