import type { Option } from '../../src/cfg/option-table.ts'
import { options } from '../../src/config-options.ts'

/** Every option in the order of the source. */
export const everyOption: readonly Option<unknown>[] = Object.values(options).flatMap(
  (table) => Object.values(table) as Option<unknown>[],
)

/** A default as it is written in a configuration. */
const written = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)

/** The rows of the table in docs/configuration.md. */
export const optionRows = (): string[][] =>
  everyOption.map(({ path, otherwise, unit, allowed, text }) => [
    `\`${path}\``,
    written(otherwise) === '' ? '' : `\`${written(otherwise)}\``,
    unit,
    `${text} ${allowed[0]?.toUpperCase()}${allowed.slice(1)}.`,
  ])
