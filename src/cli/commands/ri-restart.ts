import { command } from '../command.ts'
import { endOf } from '../operation.ts'

export const riRestart = command({
  name: 'ri restart',
  summary: 'Start an instance anew beside the old one and move calls to it; a failed one starts again at once.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  examples: [
    { command: 'dhn ri restart Samples/Counter', does: 'no call is refused meanwhile' },
    { command: 'dhn ri restart Samples/Counter --timeout 30', does: 'wait no longer than 30 s for it' },
  ],
  async run({ instance }, _, context) {
    return endOf(await context.node.restart(instance), context)
  },
})
