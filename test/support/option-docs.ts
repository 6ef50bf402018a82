import type { Option } from '../../src/cfg/option-table.ts'
import { options } from '../../src/config.ts'

/** Every option in the order of the source. */
export const everyOption: readonly Option<unknown>[] = Object.values(options).flatMap(
  (table) => Object.values(table) as Option<unknown>[],
)

export const written = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)

/** The table in docs/configuration.md. */
export const optionTable = (): string =>
  [
    '| option | default | unit | meaning |',
    '| --- | --- | --- | --- |',
    ...everyOption.map(({ path, otherwise, unit, allowed, text }) => {
      const value = written(otherwise) === '' ? '' : `\`${written(otherwise)}\``
      return `| \`${path}\` | ${value} | ${unit} | ${text} ${allowed[0]?.toUpperCase()}${allowed.slice(1)}. |`
    }),
  ].join('\n')
