import { type CfgSection, isSection, listOf } from './cfg.ts'
import { OptionInvalid } from './errors.ts'
import { nearest } from './nearest.ts'
import { entryAt, integerOf } from './options.ts'

/** One option: where it stands, what it may be, what it is when nothing is said, and what it means. */
export interface Option<T> {
  /** Such as `/DHN/HTTP/BodyLimit`. */
  readonly path: string
  readonly otherwise: T
  /** `ms`, `bytes`, `MB`; empty for a bare number or a text. */
  readonly unit: string
  /** What it decides: one sentence. */
  readonly text: string
  /** What may stand there, such as `a whole number from 0 to 65535`. */
  readonly allowed: string
  /** The value of a text, or undefined when it isn't allowed. */
  read(value: string): T | undefined
}

/** The options of one room by the names of its fields. */
export type OptionTable = Readonly<Record<string, Option<unknown>>>
export type ValuesOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never
}

interface Range {
  readonly from: number
  readonly to?: number
  readonly unit?: string
}

export function integer(path: string, otherwise: number, { from, to, unit = '' }: Range, text: string): Option<number> {
  const allowed = to === undefined ? `a whole number, at least ${from}` : `a whole number from ${from} to ${to}`
  const read = (value: string): number | undefined => within(integerOf(value), from, to)
  return { path, otherwise, unit, text, allowed, read }
}

export function decimal(path: string, otherwise: number, { from, to, unit = '' }: Range, text: string): Option<number> {
  const allowed = to === undefined ? `a number, at least ${from}` : `a number from ${from} to ${to}`
  const read = (value: string): number | undefined =>
    within(/^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined, from, to)
  return { path, otherwise, unit, text, allowed, read }
}

const answers: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'yes', 'true', '1'].map((word) => [word, true] as const),
  ...['n', 'no', 'false', '0'].map((word) => [word, false] as const),
])

export function yesNo(path: string, otherwise: boolean, text: string): Option<boolean> {
  return { path, otherwise, unit: '', text, allowed: 'yes or no', read: (value) => answers.get(value.toLowerCase()) }
}

export function text(
  path: string,
  otherwise: string,
  meaning: string,
  allowed = 'a text',
  isAllowed = (value: string): boolean => value !== '',
): Option<string> {
  const read = (value: string): string | undefined => (isAllowed(value) ? value : undefined)
  return { path, otherwise, unit: '', text: meaning, allowed, read }
}

export function oneOf<T extends string>(
  path: string,
  otherwise: NoInfer<T>,
  values: readonly T[],
  text: string,
): Option<T> {
  const read = (value: string): T | undefined => values.find((one) => one === value)
  return { path, otherwise, unit: '', text, allowed: `one of ${values.join(', ')}`, read }
}

export function list(
  path: string,
  otherwise: readonly string[],
  text: string,
  allowed = 'a list with commas',
  isAllowed = (_item: string): boolean => true,
): Option<readonly string[]> {
  const read = (value: string): readonly string[] | undefined => {
    const items = listOf(value)
    return items.every(isAllowed) ? items : undefined
  }
  return { path, otherwise, unit: '', text, allowed, read }
}

/** A list of which every item is one of `values`. */
export function listOfSome<T extends string>(
  path: string,
  otherwise: readonly NoInfer<T>[],
  values: readonly T[],
  text: string,
): Option<readonly T[]> {
  const read = (value: string): readonly T[] | undefined => {
    const items = listOf(value).map((item) => values.find((one) => one === item))
    return items.some((item) => item === undefined) ? undefined : (items as T[])
  }
  return { path, otherwise, unit: '', text, allowed: `a list of ${values.join(', ')}`, read }
}

/** A default as it is written in a configuration. */
export const defaultText = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)

/** The file that an option's value comes from, for messages. */
export type FileOf = string | ((path: string) => string)

const nameOf = (file: FileOf, path: string): string => (typeof file === 'string' ? file : file(path))

/**
 * The values of a table as `root` has them, the others as their defaults.
 *
 * @throws {OptionInvalid} naming file, line, option and what is allowed
 */
export function readOptions<Table extends OptionTable>(root: CfgSection, table: Table, file: FileOf): ValuesOf<Table> {
  const values = Object.entries(table).map(([field, option]) => {
    const value = readValue(root, option, file)
    if (value instanceof OptionInvalid) throw value
    return [field, value]
  })
  return Object.fromEntries(values) as ValuesOf<Table>
}

/** Every option that has a value it may not have. */
export const invalidOptions = (
  root: CfgSection,
  options: readonly Option<unknown>[],
  file: FileOf,
): readonly OptionInvalid[] =>
  options.map((option) => readValue(root, option, file)).filter((value) => value instanceof OptionInvalid)

function readValue<T>(root: CfgSection, option: Option<T>, file: FileOf): T | OptionInvalid {
  const { path, allowed } = option
  const entry = entryAt(root, path)
  if (entry === undefined) return option.otherwise
  const refuse = (value: string): OptionInvalid =>
    new OptionInvalid(nameOf(file, path), entry.line, path, value, allowed)
  if (isSection(entry)) return refuse('a section')
  return option.read(entry.value) ?? refuse(entry.value)
}

/** An entry that no table knows: mostly a typing error. */
export interface UnknownOption {
  readonly path: string
  readonly line: number
  /** A sentence that names it, and the known option that its writer may have meant. */
  readonly text: string
}

/** What stands in the section at `path` that none of `options` names, in the order of the text. */
export function unknownOptions(root: CfgSection, path: string, options: readonly Option<unknown>[]): UnknownOption[] {
  const paths = options.map((option) => option.path)
  const section = entryAt(root, path)
  if (!isSection(section)) return []
  return [...section.entries].flatMap(([name, entry]) => {
    const here = `${path}/${name}`
    if (paths.includes(here)) return []
    if (isSection(entry) && paths.some((known) => known.startsWith(`${here}/`))) {
      return unknownOptions(root, here, options)
    }
    const meant = nearest(here, paths)
    const text = `there is no option ${here}${meant === undefined ? '' : `; did you mean ${meant}?`}`
    return [{ path: here, line: entry.line, text }]
  })
}

function within(value: number | undefined, from: number, to = Number.MAX_SAFE_INTEGER): number | undefined {
  return value !== undefined && value >= from && value <= to ? value : undefined
}
