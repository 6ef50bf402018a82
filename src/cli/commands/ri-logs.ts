import { command } from '../command.ts'
import { sinceWhen } from '../log/since-when.ts'
import { wholeNumber } from '../numbers.ts'
import { logLine } from '../text.ts'

const shown = 100

export const riLogs = command({
  name: 'ri logs',
  summary: 'Print the log of a running instance, also of one that has failed or was undeployed.',
  details:
    'What a service wrote that would steer a terminal is shown as ?. With --json each line is a JSON text of its own, as it was written.',
  arguments: { '<instance>': '`Class/Name`, the RI id or its beginning, or the GAR ID' },
  options: {
    '-f, --follow': 'go on with what is written from now on, over restarts and rotation',
    '--previous': 'only the run before the last start',
    '--since <when>': 'from this time on (2027-01-31T12:00:00Z), or so long ago (90s, 10m, 2h, 3d)',
    '--lines <n>': `the last lines only (${shown}, or all with --previous and --since)`,
  },
  examples: [
    { command: 'dhn ri logs Samples/Counter', does: `its last ${shown} lines` },
    { command: 'dhn ri logs Samples/Counter -f', does: 'and what it writes from now on' },
    { command: 'dhn ri logs Samples/Counter --previous', does: 'what it wrote before it was started the last time' },
    { command: 'dhn ri logs Samples/Counter --since 10m', does: 'what it logged in the last ten minutes' },
  ],
  async run({ instance }, { follow, previous, since, lines }, { node, output }) {
    const wanted = wholeNumber('--lines', lines, { from: 0, to: 999_999_999 })
    const choice = {
      follow,
      previous,
      since: since === undefined ? undefined : sinceWhen(since, Date.now()),
      lines: wanted ?? (previous || since !== undefined ? undefined : shown),
    }
    for await (const line of node.log(instance, choice))
      output.print(output.json ? JSON.stringify(line) : shownLine(line))
    return 0
  },
})

/** An empty line is one too. */
const shownLine = (line: string): string => logLine(line) || ' '
