import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command, Context, ExitCode } from './command.ts'
import { allCommands, commands } from './commands.ts'
import { UsageError } from './errors.ts'
import { HttpsLink } from './https-link.ts'
import { NodeClient } from './node-client.ts'
import { Output, type Stream } from './output.ts'
import { type Parsed, parse } from './parse.ts'
import type { Roof } from './roof.ts'
import { SocketLink } from './socket-link.ts'
import { families } from './vocabulary.ts'

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly out: Stream
  readonly err: Stream
}

/** Runs one command line, everything printed that there is to print. Never rejects. */
export async function runCommandLine(words: readonly string[], roof: Roof, around: Surroundings): Promise<ExitCode> {
  // Known before the words are understood, so that a misunderstanding is told the way that was asked for.
  const asked = { json: words.includes('--json'), color: !words.includes('--no-color') }
  let output = new Output({ ...asked, out: around.out, err: around.err })
  try {
    const parsed = parse(words, await commandsFor(words), roof.version)
    if (parsed.kind === 'text') {
      ;(parsed.exitCode === 0 ? around.out : around.err).write(parsed.text)
      return parsed.exitCode
    }
    output = new Output({ json: parsed.options.json, color: parsed.options.color, out: around.out, err: around.err })
    if (parsed.command.local && parsed.options.node !== undefined)
      throw new UsageError(`dhn ${parsed.command.name} works on a home of this machine`, 'leave out --node')
    return await parsed.command.run(parsed.given, parsed.chosen, contextOf(parsed, output, roof, around))
  } catch (error) {
    output.error(error)
    return error instanceof UsageError ? 2 : 1
  } finally {
    output.settle()
  }
}

/** The command that the words name; all of them when they name none, for help and for better guesses. */
async function commandsFor(words: readonly string[]): Promise<readonly Command[]> {
  const [first, second] = commandWords(words)
  const name = first !== undefined && first in families ? `${first} ${second}` : first
  const load = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name]
  return load === undefined ? allCommands() : [await load()]
}

const takesValue = new Set(['--home', '--node', '--cert', '--key', '--trust', '--timeout'])

function commandWords(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => !word.startsWith('-') && !takesValue.has(words[at - 1] ?? ''))
}

function contextOf({ options, command }: Parsed, output: Output, roof: Roof, { environment }: Surroundings): Context {
  const home = resolve(options.home ?? (environment.DHN_HOME || join(homedir(), '.dhn')))
  // Who names a home means it, whatever the environment says.
  const named = options.home === undefined ? environment.DHN_NODE || undefined : undefined
  const elsewhere = command.local ? undefined : (options.node ?? named)
  const credential = { cert: options.cert, key: options.key, environment }
  const trust = resolve(
    options.trust ?? (environment.X509_CERT_DIR || join(home, 'etc', 'grid-security', 'certificates')),
  )
  return {
    home,
    output,
    node: new NodeClient(elsewhere === undefined ? new SocketLink(home) : new HttpsLink(elsewhere, credential, trust)),
    elsewhere,
    credential,
    trust,
    wait: options.wait,
    timeout: options.timeout,
    roof,
    environment,
    allCommands,
  }
}
