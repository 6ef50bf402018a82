/**
 * As much of a DIRAC configuration as rules are read from. A tree of `cfg/parse-cfg.ts` has this form.
 *
 * A name stands once in its section; `line` is from 1.
 */
export interface ConfigurationSection {
  readonly line: number
  readonly entries: ReadonlyMap<string, ConfigurationOption | ConfigurationSection>
}

export interface ConfigurationOption {
  readonly line: number
  readonly value: string
}

type Entry = ConfigurationOption | ConfigurationSection | undefined

/** The section of these names, each inside the one before. */
export function sectionIn(root: ConfigurationSection, names: readonly string[]): ConfigurationSection | undefined {
  let entry: Entry = root
  for (const name of names) {
    if (entry === undefined || !('entries' in entry)) return undefined
    entry = entry.entries.get(name)
  }
  return entry !== undefined && 'entries' in entry ? entry : undefined
}

export function optionIn(section: ConfigurationSection | undefined, name: string): ConfigurationOption | undefined {
  const entry = section?.entries.get(name)
  return entry !== undefined && 'value' in entry ? entry : undefined
}

/** The sections in a section, in the order of the text. */
export function sectionsIn(section: ConfigurationSection | undefined): [string, ConfigurationSection][] {
  return [...(section?.entries ?? [])].filter((entry): entry is [string, ConfigurationSection] => 'entries' in entry[1])
}

/** The items of a list with commas, stripped, without empty ones; none when the option isn't there. */
export function listIn(section: ConfigurationSection | undefined, name: string): readonly string[] {
  return itemsOf(optionIn(section, name)?.value ?? '')
}

export const itemsOf = (text: string): string[] => text.split(',').flatMap((item) => item.trim() || [])
