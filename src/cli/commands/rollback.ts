import { command } from '../command.ts'
import { endOf } from '../operation.ts'
import { outcomeOfPlan } from '../plan-text.ts'

export const rollback = command({
  name: 'rollback',
  summary: 'Go back to the newest version before the live one that was ready.',
  details: 'The old version starts beside the live one and takes over when it is ready, as with a deploy.',
  arguments: { '<gar-id>': 'the GAR ID, as `dhn list` prints it' },
  options: { '--dry-run': 'say what would change: exit 0 nothing, 1 something, 255 it is not possible' },
  examples: [
    { command: 'dhn rollback org_diligentproject_samples_counter', does: 'undo the last upgrade' },
    { command: 'dhn history org_diligentproject_samples_counter', does: 'see the versions there are' },
  ],
  async run({ garId }, { dryRun }, context) {
    const { node } = context
    return dryRun ? outcomeOfPlan(await node.planRollback(garId), context) : endOf(await node.rollback(garId), context)
  },
})
