import { command } from '../command.ts'
import { endOf } from '../operation.ts'
import { outcomeOfPlan } from '../plan-text.ts'

export const undeploy = command({
  name: 'undeploy',
  summary: 'Let calls in flight end, stop the instance and remove the deployment.',
  details: 'Stubs packages go with it when nothing deployed uses them any more. The history stays.',
  arguments: { '<gar-id>': 'the GAR ID, as `dhn list` prints it' },
  options: { '--dry-run': 'say what would go: exit 0 nothing, 1 something, 255 it is not possible' },
  examples: [
    { command: 'dhn undeploy org_diligentproject_samples_tally', does: 'remove it' },
    { command: 'dhn undeploy org_diligentproject_samples_counter --dry-run', does: 'see which stubs would go' },
  ],
  async run({ garId }, { dryRun }, context) {
    const { node } = context
    return dryRun ? outcomeOfPlan(await node.planUndeploy(garId), context) : endOf(await node.undeploy(garId), context)
  },
})
