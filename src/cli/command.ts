import type { CredentialWish } from './credential.ts'
import type { NodeClient } from './node-client.ts'
import type { Output } from './output.ts'
import type { Roof } from './roof.ts'

/**
 * One command as data: `--help`, docs/cli.md and the shells' completion are made from it.
 *
 * Arguments and options are named as a user types them (`<archive>`, `[args...]`, `--port <port>`), each with its sentence.
 */
export interface Command<A extends string = string, O extends string = string> {
  /** What follows `dhn`: `deploy`, `ri show`. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** What a summary is too short for: what is printed, what an exit code means. */
  readonly details?: string
  readonly arguments?: Readonly<Record<A, string>>
  readonly options?: Readonly<Record<O, string>>
  readonly examples: readonly Example[]
  /** True for what only the shells' completion calls. */
  readonly hidden?: boolean
  /** True for what works on a home of this machine, and so not with `--node`. */
  readonly local?: boolean
  run(given: Arguments<A>, chosen: Options<O>, context: Context): Promise<ExitCode>
}

interface Example {
  readonly command: string
  readonly does: string
}

/** 0 done, 1 refused or failed, 2 called wrongly; 255 is for `--dry-run` alone: it can't be done. */
export type ExitCode = 0 | 1 | 2 | 255

/** What every command is given, made from the options that every command has. */
export interface Context {
  /** The node's home, absolute. */
  readonly home: string
  readonly output: Output
  /** The node of this home, or the one elsewhere; nothing is connected until it is asked. */
  readonly node: NodeClient
  /** The address from `--node` or DHN_NODE; undefined: the node is that of the home. */
  readonly elsewhere: string | undefined
  /** The credential to act with, as far as it was named. */
  readonly credential: CredentialWish
  /** The folder of CAs that others are believed by, absolute. */
  readonly trust: string
  /** True with `--wait`, false with `--no-wait`; undefined: as the command thinks fit. */
  readonly wait: boolean | undefined
  /** Seconds to wait for long work, from `--timeout`; undefined: as the command thinks fit. */
  readonly timeout: number | undefined
  readonly roof: Roof
  /** The variables that the process was given. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For what is made from the commands themselves. */
  allCommands(): Promise<readonly Command[]>
}

/** `'<archive>' | '[args...]'` becomes `{ archive: string; args: string[] }`. */
type Arguments<A extends string> = {
  readonly [Name in A as ArgumentName<Name>]: Name extends `[${string}...]` | `<${string}...>`
    ? readonly string[]
    : Name extends `<${string}`
      ? string
      : string | undefined
}
type ArgumentName<A extends string> = A extends `${'<' | '['}${infer Name}...${']' | '>'}`
  ? Camel<Name>
  : A extends `${'<' | '['}${infer Name}${']' | '>'}`
    ? Camel<Name>
    : never

/** `'--dry-run' | '--port <port>' | '--cfg <file...>'` becomes `{ dryRun: boolean; port?: string; cfg: string[] }`: what ends
 * with dots may be given again and again. */
type Options<O extends string> = {
  readonly [Flags in O as OptionName<Flags>]: Flags extends `${string} <${string}...>`
    ? readonly string[]
    : Flags extends `${string} <${string}>`
      ? string | undefined
      : boolean
}
type OptionName<O extends string> = O extends `-${infer Letter}, ${infer Long}`
  ? Letter extends `-${string}`
    ? never
    : OptionName<Long>
  : O extends `--${infer Name} <${string}>`
    ? Camel<Name>
    : O extends `--${infer Name}`
      ? Camel<Name>
      : never

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S

/** The flags of an option without its letter: `--follow` of `-f, --follow`. */
export const longFlags = (flags: string): string => flags.replace(/^-\w, /, '')

/** A command with the names of its arguments and options known to `run`. */
export const command = <const A extends string = never, const O extends string = never>(data: Command<A, O>): Command =>
  data as unknown as Command
