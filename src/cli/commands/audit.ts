import { existsSync } from 'node:fs'
import type { AuditLine } from '../../audit/audit-entry.ts'
import type { AuditVerification, LinePlace } from '../../audit/verify-audit.ts'
import { auditText } from '../audit-text.ts'
import { type Context, command, type ExitCode } from '../command.ts'
import { NodeNotRunning, UsageError } from '../errors.ts'
import { sinceWhen } from '../log/since-when.ts'
import type { AuditChoice } from '../node-client.ts'
import { wholeNumber } from '../numbers.ts'

const shown = 100

export const audit = command({
  name: 'audit',
  summary: 'Show what was done to the node and by whom, and who was refused; or verify that nobody changed that.',
  details:
    'Reads the audit log in var/audit of the home, whether its node runs or not; with --node the one of a node elsewhere. ' +
    'With --json each entry is a line of JSON, as it stands in the log. ' +
    '`dhn audit verify` goes through the chain of digests; it exits with 1 when the chain is broken and names the first such line.',
  arguments: { '[verify]': '`verify`: go through the chain instead of showing entries' },
  options: {
    '--since <when>': 'from this time on (2027-01-31T12:00:00Z), or so long ago (90s, 10m, 2h, 3d)',
    '--who <text>': 'entries with this in the name, user, group, VO, user id or address',
    '--what <text>': 'entries with this in what was asked for, its target, the code, the outcome or an id',
    '--lines <n>': `the last entries only (${shown}, or all with --since)`,
    '-f, --follow': 'go on with what is added from now on',
  },
  examples: [
    { command: 'dhn audit --since 1d', does: 'what happened since yesterday' },
    { command: 'dhn audit --what refused --who alice -f', does: 'where Alice is refused, from now on as well' },
    { command: 'dhn audit verify', does: 'is it whole?' },
  ],
  async run({ verify }, { since, who, what, lines, follow }, context) {
    if (verify !== undefined && verify !== 'verify') throw new UsageError(`what is ${verify}? there is only verify`)
    if (context.elsewhere === undefined && !existsSync(context.home)) throw new NodeNotRunning(context.home, false)
    if (verify !== undefined) return verified(context)
    const { output } = context
    const wanted = wholeNumber('--lines', lines, { from: 1, to: 999_999_999 })
    const choice = {
      since: since === undefined ? undefined : sinceWhen(since, Date.now()),
      who,
      what,
      lines: wanted ?? (since === undefined ? shown : undefined),
      follow,
    }
    for await (const line of await entries(choice, context))
      output.print(output.json ? JSON.stringify(line) : auditText(line))
    return 0
  },
})

async function entries(choice: AuditChoice, { home, node, elsewhere }: Context): Promise<AsyncIterable<AuditLine>> {
  if (elsewhere !== undefined) return node.audit(choice)
  const { readAudit } = await import('../../audit/read-audit.ts')
  const { since, who, what, lines, follow } = choice
  const wish = {
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(who !== undefined && { who }),
    ...(what !== undefined && { what }),
    ...(lines !== undefined && { lines }),
  }
  return readAudit(await folderIn(home), wish, follow ? new AbortController().signal : undefined)
}

async function verified({ home, node, elsewhere, output }: Context): Promise<ExitCode> {
  const { verifyAudit } = await import('../../audit/verify-audit.ts')
  const found = elsewhere === undefined ? await verifyAudit(await folderIn(home)) : await node.verifyAudit()
  output.result(found, verificationText)
  return found.ok ? 0 : 1
}

async function folderIn(home: string): Promise<string> {
  const { Home } = await import('../../store/home.ts')
  return new Home(home).var('audit')
}

function verificationText({ broken, torn, unfinished, ...found }: AuditVerification): string {
  const { files, lines, first, last, digest } = found
  const told = [
    ...torn.map((place) => `torn: ${at(place)}, when the node or the machine stopped; the log says so itself`),
    ...(unfinished === undefined ? [] : [`not whole: ${at(unfinished)}: it is being written, or was torn`]),
  ]
  if (broken !== undefined) return [...told, `broken: ${at(broken)}: ${broken.why}`].join('\n')
  if (last === undefined) return [...told, 'there are no entries'].join('\n')
  return [
    ...told,
    `whole: ${lines} lines in ${files} files, ${first} to ${last}`,
    `digest of line ${last}: ${digest}`,
  ].join('\n')
}

const at = ({ file, line }: LinePlace): string => `line ${line} of ${file}`
