import { changed, patienceFor } from '../change.ts'
import { command } from '../command.ts'

export const riDisable = command({
  name: 'ri disable',
  summary: 'Refuse new calls to an instance, let those in flight end, and keep it disabled.',
  details: 'It stays disabled over restarts of the node until it is enabled.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  examples: [{ command: 'dhn ri disable Samples/Counter', does: 'callers get 503 from now on' }],
  async run({ instance }, _, context) {
    return changed(await context.node.disable(instance, patienceFor(context)), 'disabled', context)
  },
})
