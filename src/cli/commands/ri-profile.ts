import { command } from '../command.ts'

export const riProfile = command({
  name: 'ri profile',
  summary:
    'Print the profile of a running instance as an information system takes it: XML of the type RunningInstance.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  details: 'With --json the same text is the field `xml`.',
  examples: [{ command: 'dhn ri profile Samples/Counter', does: 'the profile with its endpoints and its status' }],
  async run({ instance }, _, { node, output }) {
    const { instanceProfile } = await import('../../archive/instance-profile.ts')
    const [view, { id: nodeId }] = await Promise.all([node.instance(instance), node.view()])
    const { id, serviceClass = '', serviceName = '', version, since, state: status, addresses } = view
    const xml = instanceProfile({ id, nodeId, serviceClass, serviceName, version, since, status, addresses })
    output.result({ id, xml }, (profile) => profile.xml)
    return 0
  },
})
