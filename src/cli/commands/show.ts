import type { DeploymentView } from '../../container/views.ts'
import { command } from '../command.ts'
import { instanceFacts, nameOf, versionOf } from '../instance-text.ts'
import type { Output } from '../output.ts'
import { facts, indent } from '../text.ts'

export const show = command({
  name: 'show',
  summary: 'Show one deployment: its version, its instance, its stubs packages.',
  arguments: { '<gar-id>': 'the GAR ID, as `dhn list` prints it' },
  examples: [{ command: 'dhn show org_diligentproject_samples_counter', does: 'all of one deployment' }],
  async run({ garId }, _, { node, output }) {
    output.result(await node.show(garId), (deployment) => deploymentText(deployment, output))
    return 0
  },
})

function deploymentText(deployment: DeploymentView, output: Output): string {
  const { instance } = deployment
  const about = facts([
    ['GAR ID', deployment.garId],
    ['version', deployment.configured ? undefined : `${versionOf(deployment)} (number ${deployment.number})`],
    ['mode', deployment.mode],
    ['configured', deployment.configured],
    [deployment.configured ? 'module' : 'archive', deployment.archive],
    ['digest', deployment.digest],
    ['deployed', deployment.deployedAt],
    ['wanted', deployment.desired],
    ...deployment.stubs.map(
      (each) => ['stubs', `${each.carried ? 'carries' : 'depends on'} ${each.package} ${each.version}`] as const,
    ),
  ])
  return instance === undefined ? about : `${about}\n${nameOf(instance)}\n${indent(instanceFacts(instance, output))}`
}
