import { resolve } from 'node:path'
import { type Command, longFlags } from '../command.ts'
import { nameOf } from '../instance-text.ts'
import { NodeClient } from '../node-client.ts'
import { SocketLink } from '../socket-link.ts'
import { families, globalOptions } from '../vocabulary.ts'

export interface Candidate {
  readonly word: string
  readonly about?: string
}

/** Asks the shell for its own file names. */
const files: Candidate = { word: ':files' }

/**
 * What the last of `words` can become, the words before it being as they are.
 *
 * @param home the node asked for names, when the words don't name another
 */
export async function candidates(
  words: readonly string[],
  home: string,
  commands: readonly Command[],
): Promise<readonly Candidate[]> {
  const last = words.at(-1) ?? ''
  const shown = commands.filter(({ hidden }) => hidden !== true)
  return (await allCandidates(words.slice(0, -1), last, home, shown)).filter(
    ({ word }) => word === files.word || word.startsWith(last),
  )
}

async function allCandidates(
  before: readonly string[],
  last: string,
  home: string,
  all: readonly Command[],
): Promise<readonly Candidate[]> {
  const { plainWords, options } = sortOut(before, all)
  const [first, second] = plainWords
  const command = all.find(({ name }) => name === first || name === `${first} ${second}`)
  const pending = pendingValue(before.at(-1), command)
  if (pending !== undefined) return /file|folder/.test(pending) ? [files] : []
  if (last.startsWith('-')) return optionsOf(command).filter(({ word }) => !options.includes(word))
  if (command === undefined) return first === undefined ? firstWords(all) : secondWords(first, all)
  const given = plainWords.length - command.name.split(' ').length
  // A shell that completes doesn't wait for a network, nor act with a certificate.
  if (options.includes('--node')) return []
  return names(Object.keys(command.arguments ?? {})[given], homeIn(before) ?? home)
}

/** Words that are neither options nor their values, and the options. */
function sortOut(before: readonly string[], all: readonly Command[]) {
  const valued = new Set(all.flatMap((command) => optionsWithValue(command)).map(([flag]) => flag))
  const plainWords = before.filter((word, at) => !word.startsWith('-') && !valued.has(before[at - 1] ?? ''))
  return { plainWords, options: before.filter((word) => word.startsWith('-')) }
}

const optionsWithValue = (command: Command | undefined): [flag: string, value: string][] =>
  Object.keys({ ...globalOptions, ...command?.options })
    .map((flags) => longFlags(flags).split(' '))
    .filter((parts): parts is [string, string] => parts.length === 2)

const pendingValue = (word: string | undefined, command: Command | undefined): string | undefined =>
  optionsWithValue(command).find(([flag]) => flag === word)?.[1]

const optionsOf = (command: Command | undefined): readonly Candidate[] =>
  Object.entries({ ...command?.options, ...globalOptions, '--help': 'show help' }).map(([flags, about]) => ({
    word: longFlags(flags).replace(/ .*/, ''),
    about,
  }))

const firstWords = (all: readonly Command[]): readonly Candidate[] => [
  ...all.filter(({ name }) => !name.includes(' ')).map(({ name, summary }) => ({ word: name, about: summary })),
  ...Object.entries(families).map(([word, about]) => ({ word, about })),
]

const secondWords = (first: string, all: readonly Command[]): readonly Candidate[] =>
  all
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name, summary }) => ({ word: name.slice(first.length + 1), about: summary }))

function homeIn(before: readonly string[]): string | undefined {
  const at = before.lastIndexOf('--home')
  const value = at === -1 ? undefined : before[at + 1]
  return value === undefined ? undefined : resolve(value)
}

/** Things of the node by the argument that names them; nothing when no node runs. */
async function names(argument: string | undefined, home: string): Promise<readonly Candidate[]> {
  const node = new NodeClient(new SocketLink(home))
  try {
    switch (argument) {
      case '<archive>':
      case '<folder>':
        return [files]
      case '<shell>':
        return ['bash', 'zsh', 'fish'].map((word) => ({ word }))
      case '<gar-id>':
        return (await node.list()).map(({ garId, version }) => ({ word: garId, about: version }))
      case '<instance>':
      case '<service>':
        return (await node.instances(false)).map((each) => ({ word: nameOf(each), about: each.state }))
      case '<package>':
        return (await node.stubs()).map(({ package: word, version }) => ({ word, about: version }))
      case '[operation]':
        return (await node.operations()).map(({ id, type, garId }) => ({ word: id, about: `${type} ${garId}` }))
      default:
        return []
    }
  } catch {
    // There is no node to ask, or not for this user: a shell that completes has nobody to tell.
    return []
  }
}
