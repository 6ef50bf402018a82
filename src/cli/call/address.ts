import type { Surroundings } from '../../client/surroundings.ts'
import type { InstanceView } from '../../container/views.ts'
import type { NodeClient } from '../node-client.ts'

/**
 * What a client is to call: an address as it is; a WSDD service of the node by its path, before the name of a running
 * instance; then a service that the local DIRAC configuration has an address of, by its name.
 */
export async function addressOf(service: string, node: NodeClient, surroundings: Surroundings): Promise<string> {
  if (/^https?:\/\//.test(service)) return service
  try {
    return await addressAtNode(service, node)
  } catch (error) {
    const { isConfigured } = await import('./configured.ts')
    if (isConfigured(service, surroundings)) return service
    throw error
  }
}

async function addressAtNode(service: string, node: NodeClient): Promise<string> {
  const served = (await node.instances(false)).flatMap(({ addresses }) => addresses)
  const byPath = served.find((address) => new URL(address).pathname === `/${service}`)
  if (byPath !== undefined) return byPath
  const instance: InstanceView = await node.instance(service)
  return instance.addresses[0] ?? `${(await node.view()).addresses[0]}/${service}`
}
