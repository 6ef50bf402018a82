import { NameUnreadable } from '../errors.ts'
import { readName, textKey } from '../name-text.ts'

/** A line that maps nobody. */
export interface GridMapProblem {
  /** From 1. */
  readonly line: number
  readonly message: string
}

/**
 * A grid-mapfile: which names may act as which local accounts.
 *
 * A line is a name in quotes (or without, when it holds no blank), then its accounts, separated by commas. `#` begins
 * a comment at the start of a line. In quotes `\"` and `\\` are escapes as in a name, and `\x` with two digits a
 * byte. Names match parsed, in any spelling of their types; a name in several lines has the accounts of all of them.
 */
export class GridMap {
  readonly problems: readonly GridMapProblem[]
  readonly #accounts = new Map<string, readonly string[]>()

  constructor(text: string) {
    const problems: GridMapProblem[] = []
    for (const [index, whole] of text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .entries()) {
      const line = whole.trim()
      if (line === '' || line.startsWith('#')) continue
      const entry = readLine(line)
      if ('message' in entry) {
        problems.push({ line: index + 1, message: entry.message })
        continue
      }
      this.#accounts.set(entry.key, [...new Set([...(this.#accounts.get(entry.key) ?? []), ...entry.accounts])])
    }
    this.problems = problems
  }

  /** How many names are mapped. */
  get size(): number {
    return this.#accounts.size
  }

  /** The accounts of a name, the default one first; none when it isn't mapped. */
  accountsOf(nameKey: string): readonly string[] {
    return this.#accounts.get(nameKey) ?? []
  }
}

function readLine(line: string): { key: string; accounts: readonly string[] } | { message: string } {
  const quoted = /^"((?:[^"\\]|\\.)*)"\s+(\S.*)$/.exec(line) ?? /^([^\s"]+)\s+(\S.*)$/.exec(line)
  if (quoted === null) return { message: 'it is not a name in quotes and its accounts' }
  const [, name = '', rest = ''] = quoted
  const accounts = rest.split(',').map((account) => account.trim())
  const odd = accounts.find((account) => !/^[A-Za-z0-9_.][A-Za-z0-9_.@$+-]*$/.test(account))
  if (odd !== undefined) return { message: `"${odd.slice(0, 100)}" is no name of an account` }
  try {
    return { key: textKey(readName(name.replaceAll('\\"', '"'))), accounts }
  } catch (error) {
    if (error instanceof NameUnreadable) return { message: error.message }
    throw error
  }
}
