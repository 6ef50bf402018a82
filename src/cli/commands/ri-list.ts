import type { InstanceView } from '../../container/views.ts'
import { command } from '../command.ts'
import { nameOf, paintState, versionOf } from '../instance-text.ts'
import type { Output } from '../output.ts'
import { table } from '../table.ts'
import { age } from '../text.ts'

export const riList = command({
  name: 'ri list',
  summary: 'List the running instances.',
  options: { '--all': 'also those that were undeployed or never came up' },
  examples: [
    { command: 'dhn ri list', does: 'state and address of each' },
    { command: 'dhn ri list --all', does: 'with the ends of those that are gone' },
  ],
  async run(_, { all }, { node, output }) {
    output.result(await node.instances(all), (instances) => instancesText(instances, output))
    return 0
  },
})

function instancesText(instances: readonly InstanceView[], output: Output): string {
  if (instances.length === 0) {
    output.tell('there are no running instances; begin with: dhn deploy <archive>')
    return ''
  }
  return table(
    instances,
    [
      { title: 'instance', value: nameOf, cut: 15 },
      { title: 'state', value: (each) => each.state, paint: (text, each) => paintState(output, each.state, text) },
      { title: 'for', value: (each) => age(each.since), drop: 2 },
      { title: 'version', value: versionOf, drop: 3 },
      { title: 'restarts', value: (each) => each.restarts.count, align: 'right', drop: 5 },
      { title: 'id', value: (each) => each.id.slice(0, 8), drop: 6 },
      { title: 'why', value: (each) => each.why ?? each.cause?.message ?? '', cut: 24, drop: 1 },
      { title: 'address', value: (each) => each.addresses[0] ?? '', cut: 30, drop: 4 },
    ],
    output.width,
  )
}
