import { command } from '../command.ts'
import { instanceFacts, lastLinesText, nameOf } from '../instance-text.ts'
import { wholeNumber } from '../numbers.ts'

export const riShow = command({
  name: 'ri show',
  summary: 'Show a running instance: its state, since when and why, where it is, and its last log lines.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  options: { '--lines <n>': 'how many log lines (20)' },
  examples: [
    { command: 'dhn ri show Samples/Counter', does: 'one screen that says how it is' },
    { command: 'dhn ri show Samples/Counter --lines 200', does: 'with more of its log' },
  ],
  async run({ instance }, { lines }, { node, output }) {
    output.result(
      await node.instance(instance, wholeNumber('--lines', lines, { from: 0, to: 10_000 }) ?? 20),
      (view) => `${nameOf(view)}\n${instanceFacts(view, output)}${lastLinesText(view.lastLines)}`,
    )
    return 0
  },
})
