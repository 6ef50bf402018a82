import { writeXml, type XmlNode } from '../xml/write-xml.ts'

/** What the profile of a running instance says. */
export interface InstanceProfile {
  /** The running instance's UUID. */
  readonly id: string
  /** The node's UUID. */
  readonly nodeId: string
  readonly serviceClass: string
  readonly serviceName: string
  readonly version: string
  /** ISO 8601: when it went into `status`. */
  readonly since: string
  readonly status: string
  /** Addresses of its services; the first one of each service is told. */
  readonly addresses: readonly string[]
}

/**
 * The RunningInstance profile of an instance, as XML: what an information system is given.
 *
 * The Service has no id here, as none is registered. An Endpoint is named by its service's name, the path of its address.
 *
 * @see gcube.md 4.2
 */
export function instanceProfile(facts: InstanceProfile): string {
  const entries = new Map<string, string>()
  for (const address of facts.addresses) {
    const service = new URL(address).pathname.slice(1)
    if (!entries.has(service)) entries.set(service, address)
  }
  const endpoints = [...entries].map(
    ([EntryName, content]): XmlNode => ({
      name: 'Endpoint',
      attributes: { EntryName },
      content,
    }),
  )
  const deployment: XmlNode[] = [
    { name: 'ActivationTime', attributes: { value: facts.since } },
    { name: 'Status', content: facts.status },
  ]
  const profile: XmlNode[] = [
    { name: 'Version', content: facts.version },
    { name: 'GHN', attributes: { UniqueID: facts.nodeId } },
    { name: 'Service', attributes: { UniqueID: '' } },
    { name: 'ServiceName', content: facts.serviceName },
    { name: 'ServiceClass', content: facts.serviceClass },
    { name: 'DeploymentData', content: deployment },
    { name: 'AccessPoint', content: [{ name: 'RunningInstanceInterfaces', content: endpoints }] },
  ]
  return writeXml({
    name: 'Resource',
    attributes: { version: '1.3.0' },
    content: [
      { name: 'ID', content: facts.id },
      { name: 'Type', content: 'RunningInstance' },
      { name: 'Profile', content: profile },
    ],
  })
}
