import { command } from '../command.ts'
import { UsageError } from '../errors.ts'
import { flightText } from '../flight-text.ts'
import { wholeNumber } from '../numbers.ts'

export const riFlight = command({
  name: 'ri flight',
  summary: 'Show what a running instance did last: states, calls, memory and processor time, log lines.',
  details:
    'Its flight recorder goes on all the time, and is kept as it is at each failure. Arguments and answers of calls are never recorded.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  options: { '--failure <n>': 'as it was at the last failure (1), the one before (2), and so on' },
  examples: [
    { command: 'dhn ri flight Samples/Counter', does: 'what it did last, as of now' },
    { command: 'dhn ri flight Samples/Counter --failure 1', does: 'what it had done when it failed the last time' },
  ],
  async run({ instance }, { failure }, { node, output }) {
    const wanted = wholeNumber('--failure', failure, { from: 1, to: 1000 })
    const view = await node.flight(instance)
    const record = wanted === undefined ? (view.now ?? view.frozen[0]) : view.frozen[wanted - 1]
    if (record === undefined && wanted !== undefined) {
      throw new UsageError(
        `records of ${view.frozen.length} failures are kept`,
        `see: dhn ri flight ${instance} --json`,
      )
    }
    output.result(view, () => (record === undefined ? '' : flightText(record)))
    if (wanted === undefined && view.frozen.length > 0) {
      output.tell(`records of failures: ${view.frozen.length}; the last one: dhn ri flight ${instance} --failure 1`)
    }
    return 0
  },
})
