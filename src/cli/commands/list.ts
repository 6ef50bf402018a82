import type { DeploymentView } from '../../container/views.ts'
import { command } from '../command.ts'
import { nameOf, paintState, versionOf } from '../instance-text.ts'
import type { Output } from '../output.ts'
import { table } from '../table.ts'
import { age } from '../text.ts'

export const list = command({
  name: 'list',
  summary: 'List what is deployed.',
  examples: [
    { command: 'dhn list', does: 'a table as wide as the terminal' },
    { command: "dhn list --json | jq -r '.[].garId'", does: 'the GAR IDs alone' },
  ],
  async run(_, __, { node, output }) {
    output.result(await node.list(), (deployments) => deploymentsText(deployments, output))
    return 0
  },
})

function deploymentsText(deployments: readonly DeploymentView[], output: Output): string {
  if (deployments.length === 0) {
    output.tell('nothing is deployed; begin with: dhn deploy <archive>')
    return ''
  }
  return table(
    deployments,
    [
      { title: 'gar id', value: (each) => each.garId, cut: 24 },
      { title: 'instance', value: (each) => each.instance && nameOf(each.instance), cut: 15, drop: 3 },
      {
        title: 'state',
        value: (each) => each.instance?.state,
        paint: (text, each) => paintState(output, each.instance?.state ?? '', text),
      },
      { title: 'for', value: (each) => each.instance && age(each.instance.since), drop: 5 },
      { title: 'version', value: versionOf, drop: 1 },
      { title: 'mode', value: (each) => each.mode, drop: 2 },
      { title: 'address', value: (each) => each.instance?.addresses[0], cut: 30, drop: 4 },
    ],
    output.width,
  )
}
