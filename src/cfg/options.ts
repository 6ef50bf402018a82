import {
  type CfgEntry,
  type CfgOption,
  type CfgSection,
  isOption,
  isSection,
  listOf,
  pathNames,
  stripped,
} from './cfg.ts'

/** The entry at a path such as `/DIRAC/Security/CertFile`; the root for `/`. */
export function entryAt(root: CfgSection, path: string): CfgEntry | undefined {
  let entry: CfgEntry | undefined = root
  for (const name of pathNames(path)) {
    if (!isSection(entry)) return undefined
    entry = entry.entries.get(name)
  }
  return entry
}

export function sectionAt(root: CfgSection, path: string): CfgSection | undefined {
  const entry = entryAt(root, path)
  return isSection(entry) ? entry : undefined
}

export function optionAt(root: CfgSection, path: string): CfgOption | undefined {
  const entry = entryAt(root, path)
  return isOption(entry) ? entry : undefined
}

/**
 * The value at `path` in the type of `otherwise`, which stands in when there is none or it can't be converted: DIRAC's
 * own look-up. A boolean is true for `y`, `yes`, `true` and `1` in any case, and false for every other text.
 */
export function valueAt<T extends string | number | boolean | readonly string[]>(
  root: CfgSection,
  path: string,
  otherwise: T,
): Widened<T> {
  const value = optionAt(root, path)?.value
  const found = value === undefined ? undefined : converted(value, otherwise)
  return (found ?? otherwise) as Widened<T>
}

type Widened<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : readonly string[]

function converted(value: string, like: string | number | boolean | readonly string[]): unknown {
  if (typeof like === 'string') return value
  if (typeof like === 'number') return integerOf(value)
  if (typeof like === 'boolean') return isYes(value)
  return listOf(value)
}

const isYes = (value: string): boolean => ['y', 'yes', 'true', '1'].includes(value.toLowerCase())

/** The value `a:b, c` as names with their texts; a name without a text has `true`, as DIRAC has it. */
export const dictOf = (value: string): ReadonlyMap<string, string | true> =>
  new Map(
    listOf(value).map((item): [string, string | true] => {
      const colon = item.indexOf(':')
      return colon === -1 ? [item, true] : [stripped(item.slice(0, colon)), stripped(item.slice(colon + 1))]
    }),
  )

/** A whole number that JavaScript holds exactly, or undefined. */
export function integerOf(value: string): number | undefined {
  const number = /^[+-]?\d+$/.test(stripped(value)) ? Number(value) : undefined
  return Number.isSafeInteger(number) ? number : undefined
}
