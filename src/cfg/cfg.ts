/**
 * A DIRAC configuration as a tree. A name stands once in its section, and entries keep the order of the text.
 *
 * `comment` is what the lines before the entry said, each with its line end and without its `#`; mostly empty.
 * `line` is where the entry was opened or its value was last set, from 1; 0 when it wasn't read from a text.
 */
export interface CfgSection {
  readonly comment: string
  readonly line: number
  readonly entries: ReadonlyMap<string, CfgEntry>
  /** Of a whole text: the entries in it that count nothing though nothing is refused. */
  readonly lost?: readonly LostEntry[]
}

/** An entry that DIRAC drops without a word, or another one overwrites. */
export interface LostEntry {
  /** From 1. */
  readonly line: number
  readonly text: string
}

export interface CfgOption {
  readonly comment: string
  readonly line: number
  readonly value: string
}

export type CfgEntry = CfgOption | CfgSection

export const isSection = (entry: CfgEntry | undefined): entry is CfgSection => entry !== undefined && 'entries' in entry
export const isOption = (entry: CfgEntry | undefined): entry is CfgOption => entry !== undefined && 'value' in entry

/** The names in a path such as `/DIRAC/Security`; empty ones don't count. */
export const pathNames = (path: string): string[] =>
  path
    .split('/')
    .map(stripped)
    .filter((name) => name !== '')

/** The items of a list value: separated by commas, stripped, without the empty ones. */
export const listOf = (value: string): string[] =>
  value
    .split(',')
    .map(stripped)
    .filter((item) => item !== '')

/** What Python's `str.strip` takes away, which isn't what `String.trim` takes: a byte order mark stays. */
const blanks = new Set(
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
)

/** `text` without the blanks at its ends, as DIRAC strips them. */
export function stripped(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && blanks.has(text[start] as string)) start++
  while (end > start && blanks.has(text[end - 1] as string)) end--
  return text.slice(start, end)
}
