import type { Command } from '../../src/cli/command.ts'
import { families, globalOptions, topics } from '../../src/cli/vocabulary.ts'

/** docs/cli.md, made from the commands' own data. */
export function cliPage(commands: readonly Command[]): string {
  const shown = commands.filter(({ hidden }) => hidden !== true)
  return [
    '# The commands of dhn',
    'This page says what each command does. It is made from the commands themselves, as `dhn <command> --help` is.',
    [
      'Results go to standard output: tables and lines for people, and with `--json` one document, exactly what the node sent. The',
      'story of how it went goes to standard error. A command ends with 0 when it is done, with 1 when it was refused or failed, and',
      'with 2 when it was called wrongly; `--dry-run` with 0 when nothing would change, 1 when something would, 255 when it is not',
      'possible. An error says the cause first, what to do next, and a code that [errors.md](errors.md) lists; with `--json` it is',
      '`{ "error": { "code", "message", "next", "facts" } }` on standard output.',
    ].join('\n'),
    'Every command takes these, before or after its name:',
    table('option', globalOptions),
    ...Object.entries(topics).flatMap(([topic, words]) => [
      `## ${topic.replace(':', '')}`,
      ...words.flatMap((word) => [
        ...(word in families ? [`### dhn ${word}`, families[word] as string] : []),
        ...shown.filter(({ name }) => name.split(' ')[0] === word).flatMap(section),
      ]),
    ]),
  ].join('\n\n')
}

function section(command: Command): string[] {
  const { name, summary, details } = command
  const args = Object.keys(command.arguments ?? {})
  return [
    `${name.includes(' ') ? '####' : '###'} dhn ${[name, ...args].join(' ')}`,
    [summary, details].filter(Boolean).join('\n\n'),
    ...(args.length === 0 ? [] : [table('argument', command.arguments ?? {})]),
    ...(command.options === undefined ? [] : [table('option', command.options)]),
    ['```', ...command.examples.map(({ command: line, does }) => `$ ${line}\n    # ${does}`), '```'].join('\n'),
  ]
}

/** Padded, as the formatter of the repository would have it. */
function table(title: string, rows: Readonly<Record<string, string>>): string {
  const lines = [[title, 'meaning'], ...Object.entries(rows).map(([flags, does]) => [`\`${flags}\``, does])]
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = lines
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
