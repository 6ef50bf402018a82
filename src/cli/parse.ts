import { Command as Commander, CommanderError, Help, Option } from 'commander'
import { type Command, type ExitCode, longFlags } from './command.ts'
import { UsageError } from './errors.ts'
import { families, globalOptions, topics } from './vocabulary.ts'

/** A command line that was understood. */
export interface Parsed {
  readonly kind: 'command'
  readonly command: Command
  readonly given: Readonly<Record<string, never>>
  readonly chosen: Readonly<Record<string, never>>
  readonly options: GlobalOptions
}

interface GlobalOptions {
  readonly home: string | undefined
  readonly node: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly trust: string | undefined
  readonly json: boolean
  readonly wait: boolean | undefined
  readonly color: boolean
  /** Seconds. */
  readonly timeout: number | undefined
}

/** A command line that asked for words only, such as `--help`. */
interface JustText {
  readonly kind: 'text'
  readonly text: string
  readonly exitCode: ExitCode
}

/** Columns. */
const helpWidth = 100

/**
 * Understands a command line: commander does it, from the commands' own data.
 *
 * @throws {UsageError} an unknown command or option, a missing argument, a value that is none
 */
export function parse(words: readonly string[], commands: readonly Command[], version: string): Parsed | JustText {
  let found: Parsed | undefined
  let text = ''
  const program = programOf(commands, version, (command, given, chosen) => {
    found = { kind: 'command', command, given, chosen, options: globalsOf(program) }
  })
  for (const each of everyCommander(program)) {
    each.configureOutput({ writeOut: (part) => (text += part), writeErr: () => undefined })
  }
  if (words.length === 0) return { kind: 'text', text: program.helpInformation(), exitCode: 2 }
  try {
    program.parse([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'text', text, exitCode: 0 }
    throw asUsageError(error, words)
  }
  if (found === undefined) throw new UsageError('which command?')
  return found
}

/** The whole command line as commander has it; used for the help texts. */
function programOf(
  commands: readonly Command[],
  version: string,
  found: (command: Command, given: Record<string, never>, chosen: Record<string, never>) => void,
): Commander {
  const program = setUp(new Commander('dhn'))
    .description('A hosting node: deploys service archives, brings their running instances to ready and serves them.')
    .version(version, '--version', 'print the version')
  for (const [flags, does] of Object.entries(globalOptions)) program.addOption(new Option(flags, does))
  for (const command of commands) {
    const [first, second] = command.name.split(' ') as [string, string?]
    const parent = second === undefined ? program : family(program, first)
    const made = setUp(parent.command(second ?? first, { hidden: command.hidden ?? false }))
      .summary(command.summary)
      .description([command.summary, command.details].filter(Boolean).join('\n\n'))
    if (second === undefined) made.helpGroup(topicOf(first))
    for (const [flags, does] of Object.entries(command.arguments ?? {})) made.argument(flags, does)
    for (const [flags, does] of Object.entries(command.options ?? {})) made.addOption(optionOf(flags, does))
    made.addHelpText('after', () => examplesText(command))
    made.action(() => {
      const names = Object.keys(command.arguments ?? {}).map(bareName)
      const given = Object.fromEntries(names.map((name, at) => [name, made.processedArgs[at]]))
      found(command, given as never, switchesOff(command, made.opts()) as never)
    })
  }
  return program
}

/** With dots at its end it may be given again and again, a value each time. */
function optionOf(flags: string, does: string): Option {
  if (!flags.endsWith('...>')) return new Option(flags, does)
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
  return new Option(flags.replace('...>', '>'), does).default([], 'none').argParser(collect)
}

function setUp(commander: Commander): Commander {
  return commander
    .exitOverride()
    .allowExcessArguments(false)
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .configureHelp({
      showGlobalOptions: true,
      helpWidth,
      subcommandTerm: (sub) => sub.name(),
      visibleGlobalOptions: (sub) =>
        new Help().visibleGlobalOptions
          .call({ showGlobalOptions: true } as Help, sub)
          .filter((o) => o.long !== '--version'),
    })
}

function family(program: Commander, name: string): Commander {
  return (
    program.commands.find((each) => each.name() === name) ??
    setUp(program.command(name))
      .helpGroup(topicOf(name))
      .description(families[name] ?? '')
  )
}

const topicOf = (word: string): string =>
  Object.keys(topics).find((topic) => topics[topic]?.includes(word)) ?? 'Commands:'

const everyCommander = (commander: Commander): Commander[] => [commander, ...commander.commands.flatMap(everyCommander)]

/** A switch that wasn't given is `false`, not absent. */
const switchesOff = (command: Command, chosen: Record<string, unknown>): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.keys(command.options ?? {})
      .filter((flags) => !flags.includes('<'))
      .map((flags) => [bareName(flags), false]),
  ),
  ...chosen,
})

/** `--dry-run`, `<gar-id>`, `[args...]` as the name that `run` sees. */
const bareName = (flags: string): string =>
  longFlags(flags)
    .replace(/ <.*$/, '')
    .replace(/^--|[<>[\].]/g, '')
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

function globalsOf(program: Commander): GlobalOptions {
  const given = program.opts<Record<string, string | boolean | undefined>>()
  const { json, wait, color, timeout } = given
  const text = (name: string): string | undefined => given[name] as string | undefined
  const seconds = timeout === undefined ? undefined : Number(timeout)
  if (seconds !== undefined && !(seconds > 0))
    throw new UsageError(`--timeout takes a number of seconds, not ${timeout}`)
  return {
    home: text('home'),
    node: text('node'),
    cert: text('cert'),
    key: text('key'),
    trust: text('trust'),
    json: json === true,
    wait: wait as boolean | undefined,
    color: color !== false,
    timeout: seconds,
  }
}

/** Side by side where that fits, else each with what it does below it. */
function examplesText({ examples }: Command): string {
  const widest = Math.max(...examples.map(({ command }) => command.length))
  const beside = widest + 4 + Math.max(...examples.map(({ does }) => does.length)) <= helpWidth
  const lines = examples.map(({ command, does }) =>
    beside ? `  ${command.padEnd(widest)}  ${does}` : `  ${command}\n      ${does}`,
  )
  return `\nExamples:\n${lines.join('\n')}\n`
}

/** Commander's sentence as one of ours: `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function asUsageError(error: CommanderError, words: readonly string[]): UsageError {
  const [first = '', second] = words.filter((word) => /^\w/.test(word))
  const family = first in families
  if (error.code === 'commander.help') return new UsageError(`which command of dhn ${first}?`, see(first))
  const [, sentence = '', guess] = /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(error.message) ?? []
  const unknown = error.code === 'commander.unknownCommand'
  const help = unknown ? see(family ? first : '') : see(family ? `${first} ${second}` : first)
  return new UsageError(sentence.replaceAll("'", ''), guess === undefined ? help : `${lowerFirst(guess)} Or ${help}`)
}

const see = (command: string): string => `see: dhn ${command === '' ? '' : `${command} `}--help`

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
