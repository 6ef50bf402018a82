import { changed, patienceFor } from '../change.ts'
import { command } from '../command.ts'

export const riEnable = command({
  name: 'ri enable',
  summary: 'Make a disabled instance ready again.',
  details: 'Its ready() runs again before calls are let in. Exits with 1 when it failed instead.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  examples: [{ command: 'dhn ri enable Samples/Counter', does: 'let calls in again' }],
  async run({ instance }, _, context) {
    return changed(await context.node.enable(instance, patienceFor(context)), 'ready', context)
  },
})
