import { defaultText } from '../../src/cfg/option-table.ts'
import { everyOption } from '../../src/config-options.ts'

/** The rows of the table in docs/configuration.md. */
export const optionRows = (): string[][] =>
  everyOption.map(({ path, otherwise, unit, allowed, text }) => [
    `\`${path}\``,
    defaultText(otherwise) === '' ? '' : `\`${defaultText(otherwise)}\``,
    unit,
    `${text} ${allowed[0]?.toUpperCase()}${allowed.slice(1)}.`,
  ])
