import type { InstanceView } from '../../container/views.ts'
import type { NodeClient } from '../node-client.ts'

/** Where a service is called: an address as it is; a WSDD service's path before the name of a running instance. */
export async function addressOf(service: string, node: NodeClient): Promise<string> {
  if (/^https?:\/\//.test(service)) return service
  const served = (await node.instances(false)).flatMap(({ addresses }) => addresses)
  const byPath = served.find((address) => new URL(address).pathname === `/${service}`)
  if (byPath !== undefined) return byPath
  const instance: InstanceView = await node.instance(service)
  return instance.addresses[0] ?? `${(await node.view()).addresses[0]}/${service}`
}
